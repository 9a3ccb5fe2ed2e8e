//! Bad inputs of outgoing webhooks, each by its id. Private receivers (hook-001, -002) are in
//! `delivery` and in the tests of the guard; the hub's cases come with the hub.

use chrono::TimeDelta;
use loaphuong::channel::SendError;
use loaphuong::subscription::Address;

use crate::conformance::{laid_out, noticed};
use crate::fakes::{Gate, Receiver, Trouble};
use crate::house::House;
use crate::messages::built;

#[tokio::test]
async fn what_a_receiver_answers() {
    let cases = [
        ("hook-013", Trouble::Status(410), "gone", None),
        ("hook-014", Trouble::Redirect("http://127.0.0.1:1/".into()), "retry", None),
        ("hook-018", Trouble::Later(503, "31536000"), "retry", Some(24 * 3600)),
    ];
    for (id, trouble, want, wait) in cases {
        let secret = Receiver::secret(5);
        let receiver = Receiver::start(&secret).await;
        let channel = built("webhook", &format!("{{ secret = '{secret}' }}"));
        let message = laid_out(&*channel, &[noticed("Lịch cắt điện", "<p>Ngõ 15.</p>")]).remove(0);
        receiver.fail_next(trouble);
        let told = channel.send(&Address::new("hook", receiver.url("/tin")), &message, "msg_1").await.unwrap_err();
        let (kind, after) = match &told {
            SendError::Gone { .. } => ("gone", None),
            SendError::Retry { after, .. } => ("retry", *after),
            other => panic!("{id}: {other:?}"),
        };
        assert_eq!((kind, after.map(|after| after.as_secs())), (want, wait), "{id}: {told:?}");
        assert_eq!(receiver.requests(), 1, "{id}: nothing is followed");
    }
}

/// One folder of news for two receivers.
fn house(first: &Receiver, second: &Receiver) -> House {
    let house = House::new(&format!(
        r#"
        [fetch]
        allow = ["{one}", "{two}"]
        [[sources]]
        name = "hoa-gao"
        kind = "folder"
        path = "news"
        [[channels]]
        name = "hook"
        kind = "webhook"
        secret = "{secret}"
        [[subscriptions]]
        feed = "hoa-gao"
        to = "hook:{first}"
        welcome = 9
        [[subscriptions]]
        feed = "hoa-gao"
        to = "hook:{second}"
        welcome = 9
        "#,
        one = first.host(),
        two = second.host(),
        secret = Receiver::secret(5),
        first = first.url("/nhan-tin"),
        second = second.url("/nhan-tin"),
    ));
    house.write("news/2026-11-01-hop-to.txt", "Họp tổ dân phố\n\nMời bà con đến nhà văn hóa.\n");
    house
}

#[tokio::test]
async fn hook_015_a_slow_receiver_is_waited_for_and_delays_no_other() {
    let (slow, quick) = (Receiver::start(&Receiver::secret(5)).await, Receiver::start(&Receiver::secret(5)).await);
    let house = house(&slow, &quick);
    let gate = Gate::new();
    slow.fail_next(Trouble::Hang(gate.clone()));
    let beside = async {
        gate.reached().await;
        quick.wait_deliveries(1).await;
        assert_eq!(slow.deliveries().len(), 0, "the quick one has it while the slow one thinks");
        gate.open();
    };
    let (outcome, ()) = tokio::join!(house.once(), beside);
    assert!(outcome.all_well());
    assert_eq!((slow.deliveries().len(), quick.deliveries().len()), (1, 1));
    let patience = built("webhook", "{ secret = 'x' }").pace().timeout.unwrap();
    assert!((30..60).contains(&patience.as_secs()), "29 seconds are not too long: {patience:?}");
}

#[tokio::test]
async fn hook_017_a_receiver_that_is_down_for_three_days_gets_all_in_order() {
    let (down, well) = (Receiver::start(&Receiver::secret(5)).await, Receiver::start(&Receiver::secret(5)).await);
    let house = house(&down, &well);
    down.stop().await;
    for day in 0..3 {
        house.once().await;
        house.pass(TimeDelta::hours(24));
        house.write(&format!("news/2026-11-1{day}-tin.txt"), &format!("Tin ngày {day}\n\nNội dung.\n"));
    }
    down.restart().await;
    house.pass(TimeDelta::hours(2));
    assert!(house.once().await.all_well());
    let titles = |receiver: &Receiver| -> Vec<String> {
        let title =
            |body: &bytes::Bytes| serde_json::from_slice::<serde_json::Value>(body).unwrap()["data"]["title"].as_str().unwrap().to_owned();
        receiver.deliveries().iter().map(|delivery| title(&delivery.body)).collect()
    };
    assert_eq!(titles(&down), titles(&well));
    assert_eq!(titles(&down).len(), 4);
}

#[tokio::test]
async fn hook_020_an_id_has_no_dot_and_stays_on_every_try() {
    let (failing, well) = (Receiver::start(&Receiver::secret(5)).await, Receiver::start(&Receiver::secret(5)).await);
    let house = house(&failing, &well);
    failing.fail_next(Trouble::LostAnswer);
    house.once().await;
    house.pass(TimeDelta::minutes(1));
    assert!(house.once().await.all_well());
    let ids: Vec<String> = failing.deliveries().into_iter().map(|delivery| delivery.id).collect();
    assert!(ids.len() == 2 && ids[0] == ids[1] && !ids[0].contains('.'), "{ids:?}");
}

#[tokio::test]
async fn a_receiver_whose_firewall_answers_403_for_a_while_loses_nothing() {
    let (barred, well) = (Receiver::start(&Receiver::secret(5)).await, Receiver::start(&Receiver::secret(5)).await);
    let house = house(&barred, &well);
    for status in [403, 404, 401] {
        barred.fail_next(Trouble::Status(status));
        let outcome = house.once().await;
        assert_eq!((outcome.dead, outcome.held), (0, 1), "{status}");
        house.pass(TimeDelta::minutes(2));
    }
    house.write("news/2026-11-02-tin.txt", "Tin sau\n\nNội dung.\n");
    assert!(house.once().await.all_well());
    assert_eq!((barred.by_id().len(), well.by_id().len()), (2, 2));
}
