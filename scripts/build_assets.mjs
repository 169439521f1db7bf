// Builds static/dist from static/src: Bootstrap with our variables, the fonts, and the digest of the sources.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import * as sass from "sass";

const out = "static/dist";
rmSync(out, { recursive: true, force: true });
mkdirSync(`${out}/fonts`, { recursive: true });

const result = sass.compile("static/src/hocso.scss", {
  style: "compressed",
  loadPaths: ["node_modules"],
  quietDeps: true,
  silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
});
writeFileSync(`${out}/hocso.css`, result.css + "\n");

for (const weight of [400, 600, 700])
  for (const subset of ["latin", "vietnamese"])
    copyFileSync(
      `node_modules/@fontsource/be-vietnam-pro/files/be-vietnam-pro-${subset}-${weight}-normal.woff2`,
      `${out}/fonts/be-vietnam-pro-${subset}-${weight}.woff2`,
    );
copyFileSync("node_modules/@fontsource/be-vietnam-pro/LICENSE", `${out}/fonts/LICENSE-Be-Vietnam-Pro.txt`);
copyFileSync("node_modules/bootstrap/LICENSE", `${out}/LICENSE-Bootstrap.txt`);

// tests/common/test_assets.py works the same digest out and so finds a stale build.
const hash = createHash("sha256");
for (const name of [...readdirSync("static/src").map((file) => `static/src/${file}`), "package-lock.json"].sort())
  hash.update(readFileSync(name));
writeFileSync(`${out}/build.json`, JSON.stringify({ sources: hash.digest("hex") }) + "\n");
