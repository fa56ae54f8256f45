//! Channels: how long an event may be, and who is present, and how many may be.

use std::time::Duration;

use crampon::action::FinishReason;
use crampon::prelude::*;

use super::Scene;

/// Says on a channel what it is told.
#[action(transport = websocket, subscribe = "town")]
struct Crier;

#[callbacks]
impl Crier {
    #[on_data]
    fn cry(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.publish("town", text);
    }
}

/// Is present under the name it is told.
#[action(transport = websocket)]
struct Guest;

#[callbacks]
impl Guest {
    #[on_data]
    fn come(&mut self, cx: &mut Context<Self>, name: &str) {
        cx.enter(Presence::of("town"), name, &"");
        cx.after(Duration::from_millis(1), |_, cx: &mut Context<Self>| {
            cx.render(cx.present(Presence::of("town")).len().to_string());
        });
    }
}

fn scene(set: impl FnOnce(&mut Limits)) -> Scene {
    Scene::new(Routes::new().at("/cry", || Crier).at("/guest", || Guest), set)
}

#[test]
fn an_event_may_have_so_many_bytes() {
    let scene = scene(|limits| limits.event_bytes_max = 1000);
    let mut crier = scene.world.socket("/cry");
    let longest = "x".repeat(1000);
    crier.send(&longest).expect_render(&longest);
    crier.send(&format!("{longest}x")).expect_close(1011).expect_finish(FinishReason::Failed);
}

#[test]
fn who_is_present_may_have_so_many_bytes() {
    let scene = scene(|limits| limits.presence_bytes_max = 100);
    let mut guest = scene.world.socket("/guest");
    // Its value, an empty string, is two bytes as JSON.
    guest.send(&"n".repeat(98)).advance(Duration::from_millis(1)).expect_render("1");
    guest.send(&"n".repeat(99)).expect_close(1011).expect_finish(FinishReason::Failed);
}

#[test]
fn so_many_may_be_present() {
    let scene = scene(|limits| limits.presence_members_max = 2);
    for (name, present) in [("ada", "1"), ("bob", "2"), ("cyd", "2"), ("ada", "2")] {
        let mut guest = scene.world.socket("/guest");
        guest.send(name).advance(Duration::from_millis(1)).expect_render(present);
        // It leaves, and may be back in a moment.
        guest.hang_up();
    }
    assert_eq!(scene.refusals("presence_too_many"), 1);
}
