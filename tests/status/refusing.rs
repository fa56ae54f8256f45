//! What is refused is told by its reason: each there is can be provoked, and is counted once.

use std::collections::BTreeSet;

use super::*;

/// Is greedy, or slow, as its path says.
#[action(transport = regular)]
struct Sinner;

#[callbacks]
impl Sinner {
    #[on_start]
    fn sin(&mut self, cx: &mut Context<Self>) {
        match cx.param_text("sin").as_deref() {
            Some("greed") => {
                cx.after(Duration::from_secs(1), |_, _| ());
            }
            Some("gluttony") => {
                for _ in 0..=WORK_MAX {
                    cx.defer(|| ()).then(|_, _, _| ());
                }
            }
            _ => {}
        }
    }
}

/// What may wait for the threads of a loop.
const WORK_MAX: usize = 1024;

/// A reason, the limits under which it is met, and who is refused for it.
type Case = (&'static str, fn(&mut Limits), fn(&World) -> Vec<Trial>);

/// Those that are met only where the system has no more to give: as the tests of faults have it.
const OF_THE_SYSTEM: [&str; 1] = ["gave_way"];

const ONE: Duration = Duration::from_secs(1);

const CASES: [Case; 20] = [
    ("bad_request", |_| (), |world| said(world, b"no request\r\n\r\n")),
    (
        "head_too_long",
        |limits| limits.head.head_bytes_max = 100,
        |world| vec![world.visit(Visit::get("/health").header("x-long", &"x".repeat(100)))],
    ),
    ("head_timeout", |limits| limits.head_timeout = ONE, |world| said(world, b"GET /hea")),
    (
        "body_too_long",
        |limits| limits.body_bytes_max = 9,
        |world| vec![world.post("/news", "ten bytes!")],
    ),
    (
        "body_timeout",
        |limits| limits.body_timeout = ONE,
        |world| vec![world.visit(Visit::post("/news", "").announcing(9))],
    ),
    (
        "foreign_origin",
        |_| (),
        |world| vec![world.visit(Visit::socket("/news").header("origin", "https://other.example"))],
    ),
    (
        "connection_too_many",
        |limits| limits.connections_max = Some(1),
        |world| vec![world.connect(), world.get("/health")],
    ),
    (
        "address_too_busy",
        |limits| limits.connections_per_address_max = Some(1),
        |world| vec![world.connect(), world.get("/health")],
    ),
    ("bad_frame", |_| (), |world| told_frame(world, b"\x81\x00")),
    ("bad_text", |_| (), |world| told_frame(world, b"\x81\x81\0\0\0\0\xff")),
    ("bad_deflate", |_| (), |world| told_frame(world, b"\xc1\x82\0\0\0\0\xff\xff")),
    (
        "message_too_long",
        |limits| limits.message_bytes_max = 1,
        |world| told_frame(world, b"\x81\x82\0\0\0\0ab"),
    ),
    (
        "messages_too_fast",
        |limits| {
            limits.messages_per_second_max = Some(1);
            limits.messages_at_once_max = 1;
            limits.messages_too_fast = TooFast::Close;
        },
        |world| told_frame(world, b"\x81\x81\0\0\0\0a\x81\x81\0\0\0\0b"),
    ),
    (
        "channels_too_many",
        |limits| limits.channels_per_connection_max = 0,
        |world| vec![world.socket("/news")],
    ),
    (
        "timers_too_many",
        |limits| limits.timers_per_action_max = 0,
        |world| vec![world.get("/sinner/greed")],
    ),
    (
        "presence_too_many",
        |limits| limits.presence_members_max = 0,
        |world| vec![world.events("/room")],
    ),
    ("work_too_many", |_| (), |world| vec![world.get("/sinner/gluttony")]),
    (
        "answer_timeout",
        |limits| limits.answer_timeout = ONE,
        |world| vec![world.get("/sinner/sloth")],
    ),
    ("slow_reader", |limits| limits.outbox_bytes_max = 100, deaf_reader),
    ("write_timeout", |limits| limits.write_timeout = ONE, deaf_reader),
];

/// Who connects and says these bytes.
fn said(world: &World, bytes: &[u8]) -> Vec<Trial> {
    let viewer = world.connect();
    viewer.send_bytes(bytes);
    vec![viewer]
}

/// Who says these frames on a socket that inflates.
fn told_frame(world: &World, frames: &[u8]) -> Vec<Trial> {
    let opening = Visit::socket("/news").header("sec-websocket-extensions", "permessage-deflate");
    let socket = world.visit(opening);
    socket.send_bytes(frames);
    vec![socket]
}

/// Who takes nothing of the news.
fn deaf_reader(world: &World) -> Vec<Trial> {
    let reader = world.events("/news");
    reader.wire().set_window(Some(0));
    for _ in 0..3 {
        world.publish(NEWS, "n".repeat(100));
    }
    vec![reader]
}

#[test]
fn each_reason_is_counted_by_itself_and_once() {
    for (reason, set, provoke) in CASES {
        let routes = routes().get("/sinner/{sin}", || Sinner);
        let world = World::with(routes, |server| server.limits(set));
        let refused = provoke(&world);
        world.advance(ONE);
        drop(refused);
        world.advance(ONE);
        let told = told(&world);
        let seen: Vec<_> =
            told.family("crampon_refusals_total").filter(|(_, count)| *count > 0.0).collect();
        assert_eq!(seen, [(&*labelled(reason), 1.0)]);
    }
}

#[test]
fn there_is_no_reason_but_these() {
    let told = told(&house());
    let reasons: BTreeSet<_> = told.family("crampon_refusals_total").map(|it| it.0).collect();
    let cases = CASES.iter().map(|(reason, ..)| *reason).chain(OF_THE_SYSTEM);
    let cases: Vec<_> = cases.map(labelled).collect();
    assert_eq!(reasons, cases.iter().map(|it| &**it).collect());
}

fn labelled(reason: &str) -> String {
    format!("crampon_refusals_total{{reason=\"{reason}\"}}")
}

#[test]
fn a_server_that_stops_is_not_ready_until_nobody_can_ask_it() {
    let world = house_with(|limits| limits.stop_delay = Duration::from_secs(5));
    let _stays = world.events("/news");
    let is_draining = || told(&world).of("crampon_draining");
    world.get("/health").expect_status(200).expect_render("ready\n");
    assert_eq!(is_draining(), 0.0);
    world.drain(Drain::Restarting);
    world.advance(Duration::from_secs(4));
    world.get("/health").expect_status(503).expect_render("draining\n");
    assert_eq!(is_draining(), 1.0);
    // Nobody is let in after the delay; one who is inside already may ask a last time.
    let mut inside = world.connect();
    world.advance(Duration::from_millis(1_500));
    inside.send_bytes(b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n");
    inside.expect_status(503).expect_render("draining\n");
    assert!(world.is_over());
}
