// Prints the licences of the packages that esbuild put into the bundle, each text once.
import {readdirSync, readFileSync} from 'node:fs';

const inputs = Object.keys(JSON.parse(readFileSync(process.argv[2], 'utf8')).inputs);
const folders = new Set(inputs.map(path => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]).filter(Boolean));
const texts = new Map();
for (const folder of [...folders].sort()) {
  const {name, version} = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const file = readdirSync(folder).find(file => /^licen[cs]e/i.test(file));
  if (!file) throw new Error(`${name} ${version} has no licence file`);
  const text = readFileSync(`${folder}/${file}`, 'utf8').replace(/\r/g, '').trim();
  texts.set(text, [...(texts.get(text) ?? []), `${name} ${version}`]);
}
for (const [text, names] of texts) console.log(`${names.join(', ')}\n\n${text}\n\n${'-'.repeat(72)}\n`);
