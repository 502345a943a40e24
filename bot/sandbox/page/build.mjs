// Builds the page into built/: `make page`. Same sources, same bytes.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = join(HERE, "built");

const { metafile } = await build({
  absWorkingDir: HERE,
  entryPoints: { app: "src/main.jsx" },
  outdir: OUT,
  bundle: true,
  minify: true,
  metafile: true,
  format: "esm",
  jsx: "automatic",
  legalComments: "none", // they are in licences.txt
  target: ["chrome123", "firefox120", "safari17.5"], // the first with light-dark() in CSS
  define: { "process.env.NODE_ENV": '"production"' },
  alias: {
    // The library has the same table of emoji once more, of its own.
    "node-emoji": "./src/blocks/emoji.js",
    // 150 KB for the `markdown` block alone, which Dialtone never sends: it is shown as it was written.
    "react-markdown": "./src/blocks/PlainMarkdown.jsx",
    "remark-gfm": "./src/blocks/PlainMarkdown.jsx",
  },
});

await mkdir(OUT, { recursive: true });
for (const name of await readdir(OUT)) {
  if (!/^(app\.(js|css)|index\.html|icon\.svg|licences\.txt|sources\.sha256)$/.test(name)) await rm(join(OUT, name));
}
for (const name of ["index.html", "icon.svg"]) await copyFile(join(HERE, "src", name), join(OUT, name));
await writeFile(join(OUT, "licences.txt"), await licences(metafile));
await writeFile(join(OUT, "sources.sha256"), await checksums());

const bytes = Object.entries(metafile.outputs).map(([path, { bytes: size }]) => `${path} ${Math.round(size / 1024)} KB`);
console.log(bytes.join(", "));

/** The licence of every package of which a byte is in the bundle. */
async function licences({ inputs }) {
  const found = new Map();
  for (const path of Object.keys(inputs)) {
    const inside = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path);
    if (inside) found.set(inside[1], join(HERE, inside[0]));
  }
  const parts = ["What is bundled in app.js and app.css, and under which licences."];
  for (const [name, folder] of [...found].sort()) {
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).sort().find((each) => /^licen[cs]e/i.test(each));
    if (!file) throw new Error(`${name} brings no licence`);
    const text = await readFile(join(folder, file), "utf8");
    parts.push(`${name} ${version} (${license})\n${"-".repeat(40)}\n${text.trim()}`);
  }
  // slack-blocks-to-jsx holds a copy of this one, without its licence.
  const yozora = await readFile(join(HERE, "src/licences/yozora.txt"), "utf8");
  parts.push(`The packages @yozora/*, inside slack-blocks-to-jsx\n${"-".repeat(40)}\n${yozora.trim()}`);
  return `${parts.join("\n\n\n")}\n`;
}

/** One line for each source, as sha256sum writes them; a test holds them against the sources. */
async function checksums() {
  const paths = ["build.mjs", "package-lock.json", "package.json"];
  for (const entry of await readdir(join(HERE, "src"), { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) paths.push(join(entry.parentPath, entry.name).slice(HERE.length + 1).replaceAll("\\", "/"));
  }
  const lines = [];
  for (const path of paths.sort()) {
    lines.push(`${createHash("sha256").update(await readFile(join(HERE, path))).digest("hex")}  ${path}\n`);
  }
  return lines.join("");
}
