/** What the compiler says about generated code; a line that stops failing fails the type check. */
import type { InputOf, OutputOf, Topic } from "typewire/schema";
import { prefixed, renamed } from "typewire/schema";
import { expectTypeOf } from "vitest";
import type { OrderPlaced, OrderPlacedInput } from "../../examples/generated/orders.ts";
import { orders } from "../../examples/generated/orders.ts";
import type { UserInput } from "../../examples/generated/users.ts";
import { users } from "../../examples/generated/users.ts";
import type {
  Event,
  EventInput,
} from "../codegen/generated/tagged-unions/subjects/orders-value.ts";

/** The form in which a typed producer takes its arguments. */
declare function send<Name extends string, KI, KO, VI, VO, C extends boolean>(
  topic: Topic<Name, KI, KO, VI, VO, C>,
  message: { key: KI; value: VI | (C extends true ? null : never) },
): void;

const user: UserInput = {
  id: "8b4ecdd4-5b2c-4f0c-9c3b-3b8f0a1a2b3c",
  email: "a@b.example",
  createdAt: new Date(0),
};

// What has a default may be left out; everything else may not.
send(orders, { key: "o-17", value: { orderId: "o-17", amount: "19.90", status: "PAID" } });
// @ts-expect-error -- `amount` is missing
send(orders, { key: "o-17", value: { orderId: "o-17", status: "PAID" } });

send(orders, {
  key: "o-17",
  // @ts-expect-error -- no such field
  value: { orderId: "o-17", amount: "1.00", status: "NEW", orderID: "o-17" },
});
// @ts-expect-error -- a number is not a string
send(orders, { key: "o-17", value: { orderId: 17, amount: "1.00", status: "NEW" } });
// @ts-expect-error -- no such symbol
send(orders, { key: "o-17", value: { orderId: "o-17", amount: "1.00", status: "LOST" } });
// @ts-expect-error -- a decimal is text or a bigint, never a number
send(orders, { key: "o-17", value: { orderId: "o-17", amount: 1.5, status: "NEW" } });
// @ts-expect-error -- keys of this topic are text
send(orders, { key: 17, value: { orderId: "o-17", amount: "1.00", status: "NEW" } });

// A tombstone is for compacted topics only.
send(users, { key: "u-1", value: null });
send(users, { key: "u-1", value: user });
// @ts-expect-error -- `orders` is not compacted
send(orders, { key: "o-17", value: null });
// @ts-expect-error -- a UUID has five groups
send(users, { key: "u-1", value: { ...user, id: "8b4ecdd4" } });
// @ts-expect-error -- a date is not text of any form
send(users, { key: "u-1", value: { ...user, birthday: "yesterday" } });

// Reading.
declare const order: OrderPlaced;
expectTypeOf(order.status).toEqualTypeOf<"NEW" | "PAID" | "SHIPPED">();
expectTypeOf(order.loyaltyPoints).toEqualTypeOf<bigint>();
expectTypeOf(order.placedAt).toEqualTypeOf<Date | null>();
expectTypeOf(order.items[0]?.quantity).toEqualTypeOf<number | undefined>();
// @ts-expect-error -- a decoded long is a bigint
const points: number = order.loyaltyPoints;
// @ts-expect-error -- a bigint does not mix with numbers
const more = order.loyaltyPoints + 1;
// @ts-expect-error -- null must be looked for
order.note.length;

// What was read can be written again, and a long may be written as a number.
expectTypeOf<OrderPlaced>().toExtend<OrderPlacedInput>();
expectTypeOf<Event>().toExtend<EventInput>();
const again: OrderPlacedInput = { ...order, loyaltyPoints: 7 };

// Undefined is as good as leaving a field out, also under exactOptionalPropertyTypes.
const undefinedNote: OrderPlacedInput = { ...order, note: undefined };

// The descriptors carry their types.
expectTypeOf<InputOf<(typeof orders)["value"]>>().toEqualTypeOf<OrderPlacedInput>();
expectTypeOf<OutputOf<(typeof orders)["value"]>>().toEqualTypeOf<OrderPlaced>();
expectTypeOf(orders.name).toEqualTypeOf<"orders">();
expectTypeOf(users.compact).toEqualTypeOf<true>();
expectTypeOf(renamed(users, "staging.users").name).toEqualTypeOf<"staging.users">();
const dev = prefixed("dev.", { orders, users });
expectTypeOf(dev.users.name).toEqualTypeOf<"dev.users">();
expectTypeOf(dev.users.compact).toEqualTypeOf<true>();
expectTypeOf(dev.orders.value).toEqualTypeOf<(typeof orders)["value"]>();

// Tagged unions narrow by `$type`, and records are checked to the last field.
declare const event: Event;
switch (event.what.$type) {
  case "a.Created":
    // @ts-expect-error -- `by` is a field of the other record
    event.what.by;
    break;
  case "b.Created":
    expectTypeOf(event.what.by).toEqualTypeOf<string | null>();
    break;
}
const tagged: EventInput["what"] = { $type: "a.Created", id: "1" };
// @ts-expect-error -- `by` is missing
const incomplete: EventInput["what"] = { $type: "b.Created", id: "1" };
// @ts-expect-error -- no such field in a.Created
const excess: EventInput["what"] = { $type: "a.Created", id: "1", by: "me" };
// @ts-expect-error -- a union that is ambiguous needs its tag
const untagged: EventInput["number"] = 1;

export const used = [points, more, again, undefinedNote, tagged, incomplete, excess, untagged];
