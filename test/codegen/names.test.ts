import { describe, expect, test } from "vitest";
import {
  constantNames,
  fileNames,
  identifier,
  pascalName,
  shortNames,
} from "../../codegen/names.ts";

describe("names of types", () => {
  const table: [rule: string, fullNames: string[], names: string[]][] = [
    ["are short when nothing clashes", ["a.Order", "b.Item"], ["Order", "Item"]],
    [
      "take one segment when that is enough, both of them",
      ["shop.billing.Address", "shop.shipping.Address"],
      ["BillingAddress", "ShippingAddress"],
    ],
    [
      "take as many segments as all need",
      ["a.same.Line", "b.same.Line", "c.Line"],
      ["ASameLine", "BSameLine", "CLine"],
    ],
    ["leave a type without a namespace its name", ["Line", "a.Line"], ["Line", "ALine"]],
    [
      "qualify a type that is really called so as well",
      ["billing.Address", "shipping.Address", "x.BillingAddress"],
      ["BillingAddress", "ShippingAddress", "XBillingAddress"],
    ],
    [
      "are full names where no segments can tell them apart",
      ["a.b.X", "a.B.X"],
      ["a$_b$_X", "a$_B$_X"],
    ],
    ["end in $ where TypeScript has the name", ["x.string", "x.Record"], ["string$", "Record$"]],
    ["escape what no identifier holds", ["a-b", "1a", "x.a b"], ["a$2db", "$31a", "a$20b"]],
  ];

  test.each(table)("%s", (_, fullNames, names) => {
    expect([...shortNames(fullNames).values()]).toEqual(names);
  });

  test("do not depend on the order", () => {
    for (const [, fullNames] of table) {
      const forward = shortNames(fullNames);
      const backward = shortNames([...fullNames].reverse());
      expect(fullNames.map((name) => backward.get(name))).toEqual(
        fullNames.map((name) => forward.get(name)),
      );
    }
  });

  test("of roots without one come from the subject", () => {
    expect(pascalName("order-events.v1-value")).toBe("OrderEventsV1Value");
    expect(pascalName("/")).toBe("$");
  });
});

describe("names of constants", () => {
  test.each([
    ["orders", "orders"],
    ["order-events.v1", "orderEventsV1"],
    ["ORDERS", "orders"],
    ["DEV_ORDERS", "devOrders"],
    ["DEV-ORDERS.V2", "devOrdersV2"],
    ["ORDERS_2", "orders2"],
    ["DEV-orders", "devOrders"],
    ["URLEvents", "urlEvents"],
    ["K8SEvents", "k8sEvents"],
    ["OrderV2", "orderV2"],
    ["order_EVENTS", "order_EVENTS"],
    ["orders-DLQ", "ordersDLQ"],
    ["X", "x"],
    ["_", "_"],
    ["delete", "delete$"],
    ["9-lives", "$39Lives"],
  ])("%s → %s", (topic, constant) => {
    expect(constantNames([topic]).get(topic)).toBe(constant);
  });

  test("are escaped, both, where two topics would share one", () => {
    expect([...constantNames(["a-b", "a.b"]).values()]).toEqual(["a$2db", "a$2eb"]);
    const shouted = ["DEV_ORDERS", "dev-orders", "devOrders"];
    expect([...constantNames(shouted).values()]).toEqual([
      "DEV_ORDERS",
      "dev$2dorders",
      "devOrders",
    ]);
  });
});

describe("names of files", () => {
  test.each([
    ["orders-value", "orders-value"],
    ["../../etc/passwd", "$2e.$2f$2e.$2fetc$2fpasswd"],
    ["..", "$2e$2e"],
    [".hidden", "$2ehidden"],
    ["a\\b", "a$5cb"],
    ["a\0b", "a$00b"],
    ["größe", "gr$c3$b6$c3$9fe"],
    ["$2e", "$242e"],
    ["types.d", "types$2ed"],
    ["styles.d.css", "styles$2ed.css"],
    ["", "$"],
  ])("%j → %s", (text, file) => {
    expect(fileNames([text]).get(text)).toBe(file);
  });

  test("that differ only in case are told apart", () => {
    expect([...fileNames(["Orders", "orders"]).values()]).toEqual(["$4frders", "orders"]);
  });

  test("fit into a file system's limit", () => {
    const long = ["a", "b"].map((end) => "x".repeat(400) + end);
    const names = [...fileNames(long).values()];
    expect(names.map((name) => name.length)).toEqual([218, 218]);
    expect(new Set(names).size).toBe(2);
  });
});

test("an identifier is never empty", () => {
  expect(identifier("")).toBe("$");
});
