//! Telling: a newcomer is told who is there, and then what changes, whatever carries it.

use super::*;

#[test]
fn a_newcomer_is_told_who_is_there_and_then_what_changes() {
    let world = house();
    let _bob = guest(&world, "bob");
    let mut watchers = watchers(&world);
    expect_all(&mut watchers, &[all_here(&["bob"])]);
    let mut ada = guest(&world, "ada");
    expect_all(&mut watchers, &[joined("ada")]);
    ada.send("be busy");
    expect_all(&mut watchers, &[updated("ada", "\"busy\"")]);
    ada.send("be busy");
    expect_all(&mut watchers, &[]);
    ada.send("leave");
    expect_all(&mut watchers, &[left("ada")]);
    ada.send("be back");
    let back = r#"{"presence":"join","key":"ada","value":"back"}"#.to_owned();
    expect_all(&mut watchers, &[back]);
}

#[test]
fn an_empty_room_is_told_as_one() {
    expect_all(&mut watchers(&house()), &[all_here(&[])]);
}

#[test]
fn a_new_name_is_a_leave_and_a_join() {
    let world = house();
    let mut watchers = watchers(&world);
    expect_all(&mut watchers, &[all_here(&[])]);
    guest(&world, "ada").send("rename countess");
    expect_all(&mut watchers, &[joined("ada"), left("ada"), joined("countess")]);
}

#[test]
fn rooms_are_apart_and_so_are_what_is_said_and_who_is_there() {
    let world = house();
    let mut watchers = watchers(&world);
    let mut attic: Vec<_> = WAYS.map(|way| Watcher::new(&world, way, "/watch?room=attic")).into();
    expect_all(&mut watchers, &[all_here(&[])]);
    expect_all(&mut attic, &[all_here(&[])]);
    let _ada = world.socket("/guest?who=ada&room=attic");
    world.publish(ROOM, "said in the room").publish(ROOM.at("attic"), "and in the attic");
    expect_all(&mut watchers, &[]);
    expect_all(&mut attic, &[joined("ada")]);
}

/// Hears what is said in a room, and who is there.
#[action(transport = sse, subscribe = [ROOM.replay(Replay::All), ROOM.presence()])]
struct Member;

#[callbacks]
impl Member {
    #[on_start]
    fn come(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let who: String = cx.param("who")?;
        cx.enter(ROOM.presence(), &who, &0);
        Ok(())
    }
}

#[test]
fn the_list_comes_before_what_was_said_and_ones_own_join_after_it() {
    let world = World::new(Routes::new().at("/", || Member));
    world.publish(ROOM, "before");
    let mut ada = world.events("/?who=ada");
    ada.expect_event("crampon.presence", &all_here(&["ada"])).expect_render("before");
    let mut bob = world.events("/?who=bob");
    world.publish(ROOM, "after");
    bob.expect_event("crampon.presence", &all_here(&["ada", "bob"]));
    bob.expect_render("before").expect_render("after").expect_nothing();
    ada.expect_event("crampon.presence", &joined("bob")).expect_render("after").expect_nothing();
}

/// Stops watching when it is told to.
#[action(transport = websocket, subscribe = [ROOM, ROOM.presence()])]
struct Busy;

#[callbacks]
impl Busy {
    #[on_data]
    fn told(&mut self, cx: &mut Context<Self>, _: &str) {
        cx.unsubscribe(ROOM.presence());
    }
}

#[test]
fn who_no_longer_watches_still_hears_what_is_said() {
    let world = World::new(routes().at("/", || Busy));
    let mut busy = world.socket("/");
    busy.expect_render(&all_here(&[])).send("enough");
    let _ada = guest(&world, "ada");
    world.publish(ROOM, "hello");
    busy.expect_render("hello").expect_nothing();
}

#[test]
fn a_room_cannot_be_named_into_the_presence_of_another() {
    let world = house();
    let mut watchers = watchers(&world);
    expect_all(&mut watchers, &[all_here(&[])]);
    for name in ["room:presence", "room\0presence", "crampon.presence", "presence:room"] {
        world.publish(name, "not who is there");
    }
    expect_all(&mut watchers, &[]);
}

#[test]
fn changes_while_the_list_is_on_its_way_are_neither_lost_nor_told_twice() {
    for way in WAYS {
        let world = house();
        let mut watcher = Watcher::new(&world, way, "/watch");
        let mut known: Vec<String> = Vec::new();
        for number in 0..30 {
            let _guest = guest(&world, &format!("g{number:02}"));
            let mut newcomer = Watcher::new(&world, way, "/watch");
            let here = newcomer.told();
            let count = here[0].matches("\"key\"").count();
            assert_eq!((here.len(), count), (1, number + 1), "{way:?}");
            known.extend(watcher.told());
        }
        assert_eq!(known[0], all_here(&[]));
        let expected: Vec<_> = (0..30).map(|number| joined(&format!("g{number:02}"))).collect();
        assert_eq!(&known[1..], expected, "{way:?}");
    }
}
