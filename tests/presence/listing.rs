//! Listing: any action or service can ask who is there.

use super::*;

#[derive(Debug, PartialEq, Eq, serde::Deserialize)]
struct Mood {
    is_busy: bool,
}

/// Answers with who is there.
#[action(transport = regular)]
struct Roster;

#[callbacks]
impl Roster {
    #[on_start]
    fn list(&mut self, cx: &mut Context<Self>) -> crampon::Result<()> {
        let present = cx.present(here(cx));
        let values: Result<Vec<u32>, _> = present.iter().map(Present::value).collect();
        let keys = present.iter().map(Present::key).zip(values?);
        let keys: Vec<_> = keys.map(|(key, value)| format!("{key}={value}")).collect();
        cx.render(keys.join(" "));
        cx.finish();
        Ok(())
    }
}

#[test]
fn an_action_asks_who_is_there_by_key() {
    let world = World::new(routes().at("/", || Roster));
    world.get("/").expect_status(200);
    let _b = world.socket("/guest?who=b&value=2");
    let mut a = guest(&world, "a");
    world.get("/").expect_render("a=0 b=2");
    world.get("/?room=attic").expect_status(200).expect(Heard::End);
    a.hang_up();
    world.get("/").expect_render("a=0 b=2");
    world.advance(GRACE);
    world.get("/").expect_render("b=2");
}

/// Is there as long as the server is, and knows who else is.
#[service]
struct Host;

#[callbacks]
impl Host {
    #[on_start]
    fn open(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(ROOM.presence());
        cx.enter(ROOM.presence(), "host", &serde_json::json!({ "is_busy": true }));
    }

    #[on_message]
    fn changed(&mut self, cx: &mut Context<Self>, message: &Message) -> crampon::Result<()> {
        let present = cx.present(ROOM.presence());
        let host = present.iter().find(|present| present.key() == "host");
        let mood: Mood = host.expect("it is there itself").value()?;
        assert_eq!(mood, Mood { is_busy: true });
        let change: serde_json::Value = message.json()?;
        let others = present.len() - 1;
        cx.publish("log", format!("{} {others}", change["presence"]));
        Ok(())
    }
}

#[test]
fn a_service_is_told_and_can_be_there() {
    #[action(transport = sse, subscribe = "log")]
    struct Log;

    #[callbacks]
    impl Log {}

    let world = World::with(routes().at("/", || Log), |server| server.service(Host));
    let mut log = world.events("/");
    let mut ada = guest(&world, "ada");
    log.expect_render("\"join\" 1");
    ada.send("leave");
    log.expect_render("\"leave\" 0").expect_nothing();
}

#[test]
fn one_more_than_may_be_listed_is_served_and_not_listed() {
    let world =
        World::with(routes(), |server| server.limits(|limits| limits.presence_members_max = 2));
    let _first = guest(&world, "ada");
    let mut second = guest(&world, "bob");
    let _third = guest(&world, "cyd");
    let _again = guest(&world, "ada");
    let mut watcher = Watcher::new(&world, Way::Events, "/watch");
    watcher.expect(&[all_here(&["ada", "bob"])]);
    second.hang_up();
    world.advance(Duration::from_secs(11));
    assert_eq!(watcher.told().len(), 1, "bob has left");
    let _later = guest(&world, "dee");
    assert!(watcher.told()[0].contains("dee"), "there is room again");
}
