//! Keeping: how much of its past a channel keeps, and for how long.

use super::*;

const FEW: Channel = Channel::new("few").history(3);
const YOUNG: Channel = Channel::new("young").history_for(Duration::from_secs(60));
const SHORT: Channel = Channel::new("short").history_bytes(10);
const BOTH: Channel = Channel::new("both").history(3).history_for(Duration::from_secs(60));
const FLEETING: Channel =
    Channel::new("fleeting").history(10).forgotten_after(Duration::from_secs(30));

/// Hears all that is kept of the channel its path names.
#[action(transport = websocket | sse | long_polling)]
struct Archivist;

#[callbacks]
impl Archivist {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let channel = match &*cx.param::<String>("channel")? {
            "few" => FEW,
            "young" => YOUNG,
            "short" => SHORT,
            "both" => BOTH,
            _ => FLEETING,
        };
        cx.subscribe(channel.replay(Replay::All));
        Ok(())
    }
}

fn archive() -> World {
    World::new(Routes::new().at("/{channel}", || Archivist))
}

fn kept(world: &World, channel: &str) -> Vec<String> {
    let mut archivist = world.visit(Way::Socket.visit(&format!("/{channel}"), ""));
    heard(&mut archivist, &mut String::new()).into_iter().map(|said| said.data).collect()
}

#[test]
fn a_channel_keeps_so_many_events() {
    let world = archive();
    for number in 0..5 {
        world.publish(FEW, number.to_string());
    }
    assert_eq!(kept(&world, "few"), ["2", "3", "4"]);
}

#[test]
fn a_channel_keeps_events_for_so_long() {
    let world = archive();
    world.publish(YOUNG, "old").advance(Duration::from_secs(40));
    world.publish(YOUNG, "young");
    assert_eq!(kept(&world, "young"), ["old", "young"]);
    world.advance(Duration::from_secs(25));
    assert_eq!(kept(&world, "young"), ["young"]);
}

#[test]
fn a_channel_keeps_so_many_bytes() {
    let world = archive();
    for text in ["1234", "5678", "9"] {
        world.publish(SHORT, text);
    }
    assert_eq!(kept(&world, "short"), ["1234", "5678", "9"]);
    world.publish(SHORT, "xx");
    assert_eq!(kept(&world, "short"), ["5678", "9", "xx"]);
    world.publish(SHORT, "longer than all");
    assert!(kept(&world, "short").is_empty());
}

#[test]
fn every_bound_that_is_set_holds() {
    let world = archive();
    for number in 0..4 {
        world.publish(BOTH, number.to_string());
    }
    world.advance(Duration::from_secs(59)).publish(BOTH, "last");
    assert_eq!(kept(&world, "both"), ["2", "3", "last"]);
    world.advance(Duration::from_secs(2));
    assert_eq!(kept(&world, "both"), ["last"]);
}

#[test]
fn a_channel_nobody_uses_is_forgotten_and_older_cursors_know_it() {
    let world = archive();
    let mut cursor = String::new();
    let mut viewer = world.visit(Way::Socket.visit("/fleeting", ""));
    world.publish(FLEETING, "one");
    heard(&mut viewer, &mut cursor);
    world.advance(Duration::from_secs(100)).publish(FLEETING, "used as long as it is heard");
    assert_eq!(heard(&mut viewer, &mut String::new()).len(), 1);
    viewer.hang_up();
    world.advance(Duration::from_secs(20));
    assert_eq!(kept(&world, "fleeting").len(), 2, "it is kept for a while");
    world.advance(Duration::from_secs(40));
    assert!(kept(&world, "fleeting").is_empty());
    let mut viewer = world.visit(Way::Socket.visit("/fleeting", &cursor));
    let said = heard(&mut viewer, &mut String::new());
    assert_eq!(texts(&said), [format!(r#"{{"reason":"expired","after":"{cursor}"}}"#)]);
}

#[test]
fn a_plain_name_is_the_declared_channel_of_that_name() {
    let world = archive();
    world.publish(FEW, "declared").publish("few", "named");
    assert_eq!(kept(&world, "few"), ["declared", "named"]);
}

#[test]
fn each_member_of_a_channel_has_a_past_of_its_own() {
    #[action(transport = websocket)]
    struct Guest;

    #[callbacks]
    impl Guest {
        #[on_start]
        fn join(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
            let room = cx.param::<String>("room")?;
            cx.subscribe(FEW.at(room).replay(Replay::All));
            Ok(())
        }
    }

    let world = World::new(Routes::new().at("/{room}", || Guest));
    world.publish(FEW.at("hall"), "in the hall").publish(FEW.at("yard"), "in the yard");
    for (room, text) in [("/hall", "in the hall"), ("/yard", "in the yard")] {
        world.socket(room).expect_render(text).expect_nothing();
    }
}
