//! Workers that never return: others use the rest, and a stop does not wait for them.

use crampon::reactor::Settings;
use crampon_tests::Host;

use super::*;

/// Defers work that never ends.
#[action(transport = websocket)]
struct Stuck;

#[callbacks]
impl Stuck {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.render("it is begun");
        cx.defer(|| {
            loop {
                std::thread::park();
            }
        })
        .then(|_, _, _: Result<(), _>| ());
    }
}

fn house() -> Host {
    Host::serve(|| {
        Routes::new()
            .at("/stuck", || Stuck)
            .get("/defer", || Deferring)
            .get("/hello", || Hello)
            .get("/metrics", Metrics::new)
    })
}

fn stick(host: &Host, workers: usize) -> Vec<crampon_tests::Socket> {
    let open = |_| {
        let mut socket = host.open("/stuck");
        assert_eq!(socket.text(), "it is begun");
        socket
    };
    (0..workers).map(open).collect()
}

#[test]
fn while_a_worker_is_left_its_work_is_done() {
    let host = house();
    let _stuck = stick(&host, Settings::default().pool_threads - 1);
    assert_eq!(host.get("/defer").text(), "done");
}

#[test]
fn when_all_are_stuck_the_loop_goes_on_tells_so_and_stops_in_time() {
    let host = house();
    let workers = Settings::default().pool_threads;
    let _stuck = stick(&host, workers);
    let mut waiting = host.connect();
    waiting.get("/defer");
    assert_eq!(host.get("/hello").text(), "hello");
    let figures = host.get("/metrics").text().to_owned();
    let running = format!("\ncrampon_jobs{{state=\"running\"}} {workers}\n");
    assert!(figures.contains(&running), "{figures}");
    assert!(figures.contains("\ncrampon_jobs{state=\"waiting\"} 1\n"), "{figures}");
    host.close();
}
