//! The load: viewers that keep so many messages in flight, and count what comes back.

use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use crampon_benches::Child;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::workload::{Unit, Workload};

/// Viewers of one server.
pub struct Load<'a> {
    server: &'a Child,
    poll: Poll,
    events: Events,
    viewers: Vec<Viewer>,
    publisher: Option<std::net::TcpStream>,
    /// As many requests as are in flight at once.
    batch: Vec<u8>,
    request_bytes: usize,
    answer_bytes: usize,
    depth: usize,
}

struct Viewer {
    stream: TcpStream,
    /// Bytes of an answer that has not arrived whole.
    part: usize,
}

/// What a run came to.
pub struct Run {
    pub micros_per_unit: f64,
    pub units_per_second: f64,
}

impl<'a> Load<'a> {
    /// Connects all viewers.
    ///
    /// # Errors
    /// When the server does not answer, or no descriptor is left.
    pub fn open(server: &'a Child, workload: &Workload, unit: &Unit) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut viewers = Vec::new();
        for at in 0..workload.connections {
            let stream = workload.open_viewer(server.address)?;
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            poll.registry().register(&mut stream, Token(at), Interest::READABLE)?;
            viewers.push(Viewer { stream, part: 0 });
        }
        Ok(Self {
            server,
            poll,
            events: Events::with_capacity(1024),
            viewers,
            publisher: workload.open_publisher(server.address)?,
            batch: unit.request.repeat(workload.depth),
            request_bytes: unit.request.len(),
            answer_bytes: unit.answer_bytes,
            depth: workload.depth,
        })
    }

    /// Keeps the server busy for so long, and ends with nothing in flight.
    ///
    /// # Errors
    /// When a connection is lost.
    pub fn run(&mut self, length: Duration) -> io::Result<Run> {
        let (began, cpu) = (Instant::now(), self.server.cpu()?);
        let mut in_flight = self.begin()?;
        let mut units = 0;
        let mut buffer = vec![0; 256 * 1024];
        while in_flight > 0 {
            self.poll.poll(&mut self.events, None)?;
            let is_over = began.elapsed() >= length;
            for event in &self.events {
                let viewer = &mut self.viewers[event.token().0];
                let answers = viewer.read(&mut buffer, self.answer_bytes)?;
                units += answers;
                in_flight -= answers;
                if self.publisher.is_none() && !is_over {
                    let bytes = viewer.stream.write(&self.batch[..answers * self.request_bytes])?;
                    assert_eq!(bytes, answers * self.request_bytes, "small requests find room");
                    in_flight += answers;
                }
            }
            if in_flight == 0 && !is_over {
                in_flight = self.begin()?;
            }
        }
        let took = (self.server.cpu()? - cpu).as_secs_f64();
        Ok(Run {
            micros_per_unit: took * 1e6 / units as f64,
            units_per_second: units as f64 / began.elapsed().as_secs_f64(),
        })
    }

    /// Sends what is to be in flight, and says how many answers that makes.
    fn begin(&mut self) -> io::Result<usize> {
        match &mut self.publisher {
            Some(publisher) => publisher.write_all(&self.batch)?,
            None => {
                for viewer in &mut self.viewers {
                    let bytes = viewer.stream.write(&self.batch)?;
                    assert_eq!(bytes, self.batch.len(), "small requests find room");
                }
            }
        }
        Ok(self.viewers.len() * self.depth)
    }
}

impl Viewer {
    /// Reads what there is, and counts the answers that are whole now.
    fn read(&mut self, buffer: &mut [u8], answer_bytes: usize) -> io::Result<usize> {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(bytes) => {
                    self.part += bytes;
                    if bytes < buffer.len() {
                        break;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        let answers = self.part / answer_bytes;
        self.part %= answer_bytes;
        Ok(answers)
    }
}
