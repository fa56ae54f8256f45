//! A server that runs, on a core of its own.

use std::fs;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use crate::machine::{LOAD_CORE, SERVER_CORE, stay_on};
use crate::servers::{Folders, Server};

/// A running server; dropped, it is ended.
pub struct Running {
    process: Child,
    address: SocketAddr,
    ws_port_offset: u16,
    began: Instant,
}

impl Running {
    /// Starts a server, and waits until it accepts connections.
    ///
    /// # Errors
    /// That it cannot be started, ends, or does not listen in time.
    pub fn start(server: &Server, folders: &Folders) -> io::Result<Self> {
        let port = free_port(server.ws_port_offset)?;
        let log = fs::File::create(folders.target.join(format!("{}.log", server.name)))?;
        let mut command = server.command(folders, port);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        stay_on(SERVER_CORE)?;
        let began = Instant::now();
        let process = command.spawn();
        stay_on(LOAD_CORE)?;
        let process =
            process.map_err(|error| io::Error::other(format!("`{}`: {error}", server.start)))?;
        let address = (Ipv4Addr::LOCALHOST, port).into();
        let ws_port_offset = server.ws_port_offset;
        let mut running = Self { process, address, ws_port_offset, began };
        running.wait_for(address)?;
        running.wait_for(running.ws_address())?;
        Ok(running)
    }

    fn wait_for(&mut self, address: SocketAddr) -> io::Result<()> {
        while TcpStream::connect(address).is_err() {
            if let Some(status) = self.process.try_wait()? {
                return Err(io::Error::other(format!("it ended before it listened: {status}")));
            }
            if self.began.elapsed() > START_TIMEOUT {
                return Err(ErrorKind::TimedOut.into());
            }
            std::thread::sleep(START_LOOK);
        }
        Ok(())
    }

    /// Where it speaks HTTP.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it speaks WebSocket.
    pub fn ws_address(&self) -> SocketAddr {
        SocketAddr::new(self.address.ip(), self.address.port() + self.ws_port_offset)
    }

    /// When it was started.
    pub fn began(&self) -> Instant {
        self.began
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// The processor time of all its threads and children.
    ///
    /// # Errors
    /// That it has ended.
    pub fn cpu(&self) -> io::Result<Duration> {
        let mut nanos = 0;
        for process in self.processes()? {
            for task in fs::read_dir(format!("/proc/{process}/task"))? {
                // A thread may end meanwhile.
                let stat = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
                nanos += stat.split(' ').next().and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
            }
        }
        Ok(Duration::from_nanos(nanos))
    }

    /// Bytes of memory that it and its children have resident.
    ///
    /// # Errors
    /// That it has ended.
    pub fn resident_bytes(&self) -> io::Result<u64> {
        let mut kib = 0;
        for process in self.processes()? {
            let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
            let line = rollup.lines().find_map(|line| line.strip_prefix("Rss:"));
            let size = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
            kib += size.ok_or_else(|| io::Error::other("`smaps_rollup` has no `Rss`"))?;
        }
        Ok(kib * 1024)
    }

    /// It and its children.
    fn processes(&self) -> io::Result<Vec<u32>> {
        let mut found = vec![self.process.id()];
        let mut at = 0;
        while let Some(process) = found.get(at).copied() {
            for task in fs::read_dir(format!("/proc/{process}/task"))? {
                let children = fs::read_to_string(task?.path().join("children"));
                let children = children.unwrap_or_default();
                found.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
            }
            at += 1;
        }
        Ok(found)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that nobody has, nor the one so far from it; another each time.
fn free_port(offset: u16) -> io::Result<u16> {
    let is_free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    for _ in 0..PORTS {
        let port = PORT_MIN + NEXT.fetch_add(2, Ordering::Relaxed) % PORTS;
        if is_free(port) && is_free(port + offset) {
            return Ok(port);
        }
    }
    Err(ErrorKind::AddrInUse.into())
}

static NEXT: AtomicU16 = AtomicU16::new(0);

/// Ports of servers: below those the system gives to clients.
const PORT_MIN: u16 = 20_000;
const PORTS: u16 = 12_000;

/// How long a server may take to listen.
const START_TIMEOUT: Duration = Duration::from_secs(10);

/// How often it is looked whether it does.
const START_LOOK: Duration = Duration::from_micros(200);
