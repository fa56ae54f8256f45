//! Workers that never return: others use the rest, and a stop does not wait for them.

use std::sync::mpsc::{Sender, channel};

use crampon::reactor::Settings;
use crampon_tests::{Host, PATIENCE, Socket};

use super::*;

/// Defers work that says when it has begun, and never ends.
#[action(transport = websocket)]
struct Stuck {
    begun: Sender<()>,
}

#[callbacks]
impl Stuck {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        let begun = self.begun.clone();
        cx.defer(move || {
            begun.send(()).expect("the test waits for it");
            loop {
                std::thread::park();
            }
        })
        .then(|_, _, _: Result<(), _>| ());
    }
}

/// A house of which so many workers are stuck, and those who have brought it about.
fn house_with_stuck(workers: usize) -> (Host, Vec<Socket>) {
    let (begun, has_begun) = channel();
    let host = Host::serve(|| {
        Routes::new()
            .at("/stuck", move || Stuck { begun: begun.clone() })
            .get("/defer", || Deferring)
            .get("/hello", || Hello)
            .get("/metrics", Metrics::new)
    });
    let stuck = (0..workers).map(|_| host.open("/stuck")).collect();
    for _ in 0..workers {
        has_begun.recv_timeout(PATIENCE).expect("a worker takes it on");
    }
    (host, stuck)
}

#[test]
fn while_a_worker_is_left_its_work_is_done() {
    let (host, _stuck) = house_with_stuck(Settings::default().pool_threads - 1);
    assert_eq!(host.get("/defer").text(), "done");
}

#[test]
fn when_all_are_stuck_the_loop_goes_on_tells_so_and_stops_in_time() {
    let workers = Settings::default().pool_threads;
    let (host, _stuck) = house_with_stuck(workers);
    let mut waiting = host.connect();
    waiting.get("/defer");
    assert_eq!(host.get("/hello").text(), "hello");
    let figures = host.get("/metrics").text().to_owned();
    let running = format!("\ncrampon_jobs{{state=\"running\"}} {workers}\n");
    assert!(figures.contains(&running), "{figures}");
    assert!(figures.contains("\ncrampon_jobs{state=\"waiting\"} 1\n"), "{figures}");
    host.close();
}
