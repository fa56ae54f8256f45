//! A real proxy in front of an application, with the lines the README shows for it.
//!
//! Each has its settings in a folder of its own, runs as one process that stays in the foreground,
//! and listens on loopback.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use crampon_tests::{Browser, Program, free_port};

/// The lines for nginx, inside a `server` block.
pub const NGINX_LINES: &str = include_str!("../../docs/nginx.conf");

/// The lines for Apache, inside a `VirtualHost`.
pub const APACHE_LINES: &str = include_str!("../../docs/apache.conf");

/// The whole settings of HAProxy.
pub const HAPROXY_LINES: &str = include_str!("../../docs/haproxy.cfg");

/// Starts a proxy in front of an application at this address.
pub type Start = fn(SocketAddr) -> Proxy;

/// All of them.
pub const PROXIES: [Start; 3] = [Proxy::nginx, Proxy::apache, Proxy::haproxy];

/// The application's address in those lines.
const APPLICATION: &str = "127.0.0.1:3000";

/// Where HAProxy listens in its lines.
const FRONT: &str = "bind :80";

/// A proxy that listens.
pub struct Proxy {
    /// What it is called, for the complaint of a test.
    pub name: &'static str,
    port: u16,
    _program: Program,
    _folder: Folder,
}

impl Proxy {
    /// A viewer's connection to it.
    pub fn connect(&self) -> Browser {
        Browser::connect(self.address())
    }

    /// A connection to it of a viewer elsewhere on loopback.
    pub fn connect_from(&self, source: [u8; 4]) -> Browser {
        Browser::connect_from(source, self.address())
    }

    fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// Starts nginx with its lines in the one server there is.
    pub fn nginx(application: SocketAddr) -> Self {
        let (folder, port) = (Folder::new(), free_port());
        let at = folder.path.display();
        let lines = in_front_of(application, NGINX_LINES);
        let settings = folder.write(&format!(
            "daemon off; master_process off; pid {at}/pid; error_log stderr notice;
            events {{}}
            http {{
                access_log off;
                client_body_temp_path {at}; proxy_temp_path {at}; fastcgi_temp_path {at};
                uwsgi_temp_path {at}; scgi_temp_path {at};
                server {{ listen 127.0.0.1:{port};\n{lines}}}
            }}"
        ));
        let mut command = Command::new(on_debian("nginx"));
        command.args(["-e", "stderr", "-p"]).arg(&folder.path).arg("-c").arg(settings);
        let program = Program::start(&mut command, "nginx");
        program.wait_for("event method");
        Self { name: "nginx", port, _program: program, _folder: folder }
    }

    /// Starts Apache with its lines in the one host there is.
    pub fn apache(application: SocketAddr) -> Self {
        let (folder, port) = (Folder::new(), free_port());
        let at = folder.path.display();
        let lines = in_front_of(application, APACHE_LINES);
        let modules = ["mpm_event", "authz_core", "headers", "proxy", "proxy_http"]
            .map(|it| format!("LoadModule {it}_module /usr/lib/apache2/modules/mod_{it}.so\n"))
            .concat();
        let settings = folder.write(&format!(
            "{modules}
            ServerRoot {at}\nDefaultRuntimeDir {at}\nPidFile {at}/pid
            ErrorLog /dev/stderr\nLogLevel mpm_event:debug
            User www-data\nGroup www-data
            ServerName localhost\nListen 127.0.0.1:{port}\n{lines}"
        ));
        let mut command = Command::new(on_debian("apache2"));
        command.arg("-X").arg("-f").arg(settings);
        let program = Program::start(&mut command, "apache2-bin");
        program.wait_for("start_threads");
        Self { name: "apache", port, _program: program, _folder: folder }
    }

    /// Starts HAProxy with its lines and no others.
    pub fn haproxy(application: SocketAddr) -> Self {
        let (folder, port) = (Folder::new(), free_port());
        let lines = in_front_of(application, HAPROXY_LINES);
        let settings = folder.write(&lines.replace(FRONT, &format!("bind 127.0.0.1:{port}")));
        let mut command = Command::new(on_debian("haproxy"));
        // Only a master says when its worker listens; the worker ends when the master has.
        command.args(["-W", "-db", "-f"]).arg(settings);
        let program = Program::start(&mut command, "haproxy");
        program.wait_for("Loading success");
        Self { name: "haproxy", port, _program: program, _folder: folder }
    }
}

/// The README's lines, for an application at another address.
fn in_front_of(application: SocketAddr, lines: &str) -> String {
    lines.replace(APPLICATION, &application.to_string())
}

/// A server's program, which Debian keeps where not every user's path leads.
fn on_debian(name: &str) -> PathBuf {
    let path = PathBuf::from("/usr/sbin").join(name);
    if path.exists() { path } else { name.into() }
}

/// A folder for a proxy's files, removed with it.
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn new() -> Self {
        let name = format!("crampon-proxy-{}-{}", std::process::id(), free_port());
        let path = env::temp_dir().join(name);
        fs::create_dir(&path).expect("the folder for temporary files can be written");
        Self { path }
    }

    fn write(&self, settings: &str) -> PathBuf {
        let path = self.path.join("settings");
        fs::write(&path, settings).expect("the folder is ours");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
