//! Going: when one is there no more, and when one never was.

use super::*;

#[test]
fn who_is_lost_leaves_when_its_grace_time_is_over_and_no_sooner() {
    let world = house();
    let mut ada = guest(&world, "ada");
    let mut watchers = watchers(&world);
    expect_all(&mut watchers, &[all_here(&["ada"])]);
    ada.hang_up();
    world.advance(GRACE - MOMENT);
    expect_all(&mut watchers, &[]);
    world.advance(MOMENT);
    expect_all(&mut watchers, &[left("ada")]);
}

#[test]
fn all_leave_at_their_own_time() {
    let world = house();
    let mut watcher = Watcher::new(&world, Way::Events, "/watch");
    let mut guests = ["c", "b", "a"].map(|who| guest(&world, who));
    watcher.told();
    for guest in &mut guests {
        guest.hang_up();
        world.advance(Duration::from_secs(1));
    }
    world.advance(GRACE - Duration::from_secs(3));
    for who in ["c", "b", "a"] {
        watcher.expect(&[left(who)]);
        world.advance(Duration::from_secs(1));
    }
}

#[test]
fn however_an_action_ends_its_viewer_leaves() {
    for end in ["finish", "fail", "panic"] {
        let world = house();
        let mut ada = guest(&world, "ada");
        let mut watcher = Watcher::new(&world, Way::Envelope, "/watch");
        ada.send(end);
        watcher.expect(&[all_here(&["ada"])]);
        world.advance(GRACE);
        watcher.expect(&[left("ada")]);
    }
}

#[test]
fn who_has_several_connections_leaves_with_the_last() {
    let world = house();
    let mut tabs = [(); 3].map(|()| guest(&world, "ada"));
    let mut watchers = watchers(&world);
    expect_all(&mut watchers, &[all_here(&["ada"])]);
    tabs[0].send("leave");
    tabs[1].hang_up();
    world.advance(GRACE);
    expect_all(&mut watchers, &[]);
    tabs[2].hang_up();
    world.advance(GRACE);
    expect_all(&mut watchers, &[left("ada")]);
}

#[test]
fn who_is_refused_or_fails_as_it_comes_was_never_there() {
    let world = house();
    let mut watchers = watchers(&world);
    expect_all(&mut watchers, &[all_here(&[])]);
    for wrong in ["refuse", "fail"] {
        for way in WAYS {
            world.visit(visit(way, &format!("/guest?who=ada&{wrong}=yes"), ""));
        }
    }
    world.visit(Visit::new(http::Method::HEAD, "/guest?who=ada"));
    world.advance(GRACE);
    expect_all(&mut watchers, &[]);
}

/// Enters before it has started, or as more than one may be.
#[action(transport = websocket)]
struct Early;

#[callbacks]
impl Early {
    #[before_start]
    fn come(&mut self, cx: &mut Context<Self>) {
        if cx.param_text("early").is_some() {
            cx.enter(ROOM.presence(), "ada", &0);
        }
    }

    #[on_start]
    fn stay(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let bytes = cx.param_or("bytes", 0)?;
        cx.enter(ROOM.presence(), "ada", &"x".repeat(bytes));
        Ok(())
    }
}

#[test]
fn what_cannot_be_there_fails_its_callback() {
    // A key of 3 bytes, and two quotes around the value.
    for (target, status) in
        [("/?early=yes", 500), ("/?bytes=1020", 101), ("/?bytes=1019", 101), ("/?bytes=0", 101)]
    {
        let world = World::new(routes().at("/", || Early));
        let mut viewer = world.socket(target);
        viewer.expect_status(status);
        match target {
            "/?bytes=1020" => viewer.expect_close(1011),
            _ => viewer.expect_no_finish(),
        };
        let mut watcher = Watcher::new(&world, Way::Bare, "/watch");
        let is_there = watcher.told()[0].contains("ada");
        assert_eq!(is_there, ["/?bytes=1019", "/?bytes=0"].contains(&target), "{target}");
    }
}

#[test]
fn when_the_server_stops_nobody_leaves() {
    let world = house();
    let _ada = guest(&world, "ada");
    guest(&world, "bob").hang_up();
    let mut watcher = world.events("/watch");
    watcher.expect_event("crampon.presence", &all_here(&["ada", "bob"]));
    world.stop();
    let told = watcher.heard();
    assert!(!told.iter().any(|heard| matches!(heard, Heard::Event { .. })), "{told:?}");
}

#[test]
fn a_channel_can_have_a_grace_time_of_its_own() {
    const HASTY: Channel = Channel::new("room").presence_grace(Duration::ZERO);

    #[action(transport = websocket)]
    struct Hasty;

    #[callbacks]
    impl Hasty {
        #[on_start]
        fn come(&mut self, cx: &mut Context<Self>) {
            cx.enter(HASTY.presence(), "ada", &0);
        }
    }

    let world = World::new(routes().at("/", || Hasty));
    let mut watcher = Watcher::new(&world, Way::Events, "/watch");
    world.socket("/").hang_up();
    watcher.expect(&[all_here(&[]), joined("ada"), left("ada")]);
}

#[test]
fn the_grace_time_of_a_server_can_be_set() {
    let set = Duration::from_secs(60);
    let world = World::with(routes(), |server| {
        server.limits(|limits| limits.presence_grace = Duration::from_secs(60))
    });
    guest(&world, "ada").hang_up();
    let mut watcher = Watcher::new(&world, Way::Events, "/watch");
    watcher.expect(&[all_here(&["ada"])]);
    world.advance(set - MOMENT);
    watcher.expect(&[]);
    world.advance(MOMENT);
    watcher.expect(&[left("ada")]);
}
