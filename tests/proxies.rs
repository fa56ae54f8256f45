//! Behind a real nginx and a real Apache, with the very lines the README shows.
//!
//! Needs Debian's `nginx` and `apache2-bin`; without them it fails and says so.

use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::channel;
use std::{env, fs, thread};

use crampon::Running;
use crampon::prelude::*;
use crampon::protocol::websocket::masked;
use crampon::reactor::Reactor;
use process::{Program, free_port};
use wire::Wire;

mod process;
mod wire;

/// The lines for each proxy, as the README has them.
const NGINX_LINES: &str = include_str!("../docs/nginx.conf");
const APACHE_LINES: &str = include_str!("../docs/apache.conf");

/// The application's address in those lines.
const APPLICATION: &str = "127.0.0.1:3000";

/// The host a viewer asks for; no proxy knows it by that name.
const HOST: &str = "live.example:8080";

/// Says for which host it was asked, hands on what is published, and says back what it hears.
#[action(transport = websocket | sse)]
struct Live;

#[callbacks]
impl Live {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        let host = cx.header("host").unwrap_or("nobody").to_owned();
        cx.render(host);
        cx.subscribe("news");
    }

    #[on_data]
    fn answer(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.render(text);
    }
}

/// The same news, chunk by chunk, with no header that asks a proxy not to hold them back.
#[action(transport = chunked)]
struct Log;

#[callbacks]
impl Log {
    #[on_start]
    fn listen(&mut self, cx: &mut Context<Self>) {
        cx.render("listening");
        cx.subscribe("news");
    }
}

#[test]
fn events_arrive_as_they_are_published() {
    for (start, name) in PROXIES {
        let site = Site::behind(start);
        let mut viewer = site.ask("/live", "Accept: text/event-stream\r\n");
        viewer.hear(b"text/event-stream");
        viewer.hear(format!("data: {HOST}\n\n").as_bytes());
        // Each is published only after the one before has come through: a proxy that holds one
        // back to wait for more waits for ever.
        for news in ["first", "second", "third"] {
            site.application.publish("news", news);
            viewer.hear(format!("data: {news}\n\n").as_bytes());
            println!("{name}: {news}");
        }
    }
}

#[test]
fn chunks_arrive_as_they_are_published() {
    for (start, name) in PROXIES {
        let site = Site::behind(start);
        let mut viewer = site.ask("/live/log", "");
        viewer.hear(b"listening");
        for news in ["first", "second", "third"] {
            site.application.publish("news", news);
            viewer.hear(news.as_bytes());
            println!("{name}: {news}");
        }
    }
}

#[test]
fn sockets_are_upgraded_and_speak_both_ways() {
    for (start, name) in PROXIES {
        let site = Site::behind(start);
        let mut viewer = site.ask(
            "/live",
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        );
        viewer.hear(b"HTTP/1.1 101 ");
        viewer.hear(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        viewer.hear(b"\r\n\r\n");
        viewer.hear(&text_frame(HOST));

        let mut said = Vec::new();
        masked::encode_text(&mut said, [1, 2, 3, 4], "hello");
        viewer.say(&said);
        viewer.hear(&text_frame("hello"));

        site.application.publish("news", "first");
        viewer.hear(&text_frame("first"));
        println!("{name}: both ways");
    }
}

#[test]
fn the_readme_shows_these_lines() {
    let readme = include_str!("../README.md");
    for (language, lines) in [("nginx", NGINX_LINES), ("apache", APACHE_LINES)] {
        let quoted = format!("```{language}\n{lines}```\n");
        assert!(readme.contains(&quoted), "the README does not show docs/{language}.conf");
    }
}

/// How to start each proxy, and what to call it.
const PROXIES: [(StartProxy, &str); 2] = [(start_nginx, "nginx"), (start_apache, "apache")];

type StartProxy = fn(&Folder, application: u16, port: u16) -> Program;

/// The application with a proxy in front.
struct Site {
    application: Running,
    port: u16,
    _proxy: Program,
    _folder: Folder,
}

impl Site {
    fn behind(start: StartProxy) -> Self {
        let application = start_application();
        let folder = Folder::new();
        let port = free_port();
        let proxy = start(&folder, application.local_addr().port(), port);
        Self { application, port, _proxy: proxy, _folder: folder }
    }

    /// Asks the proxy for `path`, with header lines besides the host.
    fn ask(&self, path: &str, headers: &str) -> Wire {
        let mut wire = Wire::to(self.port);
        wire.say(format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{headers}\r\n").as_bytes());
        wire
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.application.stop();
    }
}

/// Runs the actions on a thread of their own.
fn start_application() -> Running {
    let (sender, running) = channel();
    thread::spawn(move || {
        let mut reactor = Reactor::new().expect("the machine has a selector");
        let routes = Routes::new().at("/live", || Live).at("/live/log", || Log);
        let server = Server::bind("127.0.0.1:0").expect("loopback has a free port");
        let running = server.attach(&mut reactor, routes).expect("the routes are sound");
        sender.send(running).expect("the test waits for it");
        reactor.run().expect("the loop runs until it is stopped");
    });
    running.recv().expect("the application starts")
}

fn start_nginx(folder: &Folder, application: u16, port: u16) -> Program {
    let lines = NGINX_LINES.replace(APPLICATION, &format!("127.0.0.1:{application}"));
    let at = folder.path.display();
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
    let nginx = Program::start(&mut command, "nginx");
    nginx.wait_for("event method");
    nginx
}

fn start_apache(folder: &Folder, application: u16, port: u16) -> Program {
    let lines = APACHE_LINES.replace(APPLICATION, &format!("127.0.0.1:{application}"));
    let modules: String = ["mpm_event", "authz_core", "proxy", "proxy_http"]
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
        .concat();
    let at = folder.path.display();
    let settings = folder.write(&format!(
        "{modules}
        ServerRoot {at}\nDefaultRuntimeDir {at}\nPidFile {at}/pid
        ErrorLog /dev/stderr\nLogLevel mpm_event:debug
        User www-data\nGroup www-data
        ServerName localhost\nListen 127.0.0.1:{port}\n{lines}"
    ));
    let mut command = Command::new(on_debian("apache2"));
    command.arg("-X").arg("-f").arg(settings);
    let apache = Program::start(&mut command, "apache2-bin");
    apache.wait_for("start_threads");
    apache
}

/// A server's program, which Debian keeps where not every user's path leads.
fn on_debian(name: &str) -> PathBuf {
    let path = PathBuf::from("/usr/sbin").join(name);
    if path.exists() { path } else { name.into() }
}

/// A text message as a server frames it (RFC 6455, section 5.2); shorter than 126 bytes.
fn text_frame(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).expect("the text is short");
    [&[0x81, length], text.as_bytes()].concat()
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
