//! Between two states: a pause that ends.

use std::time::Duration;

use crampon::prelude::*;
use crampon::trial::World;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Does not listen for the first minute.
#[action(transport = websocket)]
struct Busy;

#[callbacks]
impl Busy {
    #[on_start]
    fn work(&mut self, cx: &mut Context<Self>) {
        cx.pause();
        cx.after(seconds(60), |_, cx| cx.resume());
    }
}

#[test]
fn the_pong_deadline_rests_in_a_pause_and_begins_anew_after_it() {
    let world = World::new(Routes::new().at("/", || Busy));
    let mut viewer = world.socket("/");
    viewer.ignore_pings().advance(seconds(60)).expect_no_finish();
    viewer.advance(seconds(19)).expect_no_finish();
    viewer.advance(seconds(30)).expect_finish(FinishReason::TimedOut);
}

#[test]
fn a_pong_that_waited_out_a_pause_is_a_sign_of_life() {
    let world = World::new(Routes::new().at("/", || Busy));
    let mut viewer = world.socket("/");
    viewer.advance(seconds(300)).expect_no_finish();
}
