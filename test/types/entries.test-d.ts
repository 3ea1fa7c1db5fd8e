/** Types that stand twice are one type. */
import { expectTypeOf } from "vitest";
import type { SchemaReference as ApiReference } from "../../src/api/index.ts";
import type { SchemaReference } from "../../src/schema/index.ts";

expectTypeOf<Readonly<ApiReference>>().toEqualTypeOf<SchemaReference>();
