// `npm start`. Plain JavaScript, so that a checkout that is not built says so in a sentence.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const built = new URL("../dist/examples/quickstart.js", import.meta.url);
if (existsSync(fileURLToPath(built))) {
  const { run } = await import(built.href);
  await run(process.argv.slice(2));
} else {
  process.stderr.write(
    "The quick start is not built: dist/examples/quickstart.js is missing. Run `npm run build`, then try again.\n",
  );
  process.exitCode = 1;
}
