import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import { finished } from 'node:stream/promises'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const HELP = `Runs the tests beside the code, in test/ and in bench/, two files at a time.

  node test/run.ts [options] [part of a file's path...]

  --seed SEED      what random choices begin from: a number or "random"; else CALLTRAIL_TEST_SEED, or 1
  --name PATTERN   only tests whose name matches; may be repeated
  --list           print the files and run nothing

No part of a path: all files. Exit code 1: a test failed, or no file was found.
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: process.env.CALLTRAIL_TEST_SEED ?? '1' },
    name: { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const root = resolve(import.meta.dirname, '..')
const files = globSync('{src,test,bench}/**/*.test.ts', { cwd: root })
  .filter((file) => positionals.length === 0 || positionals.some((part) => file.includes(part)))
  .sort()

if (values.help) process.stdout.write(HELP)
else if (values.list) process.stdout.write(files.map((file) => `${file}\n`).join(''))
else await runAll()

async function runAll(): Promise<void> {
  const seed = values.seed === 'random' ? String(Math.floor(Math.random() * 2 ** 31)) : values.seed
  const results = run({
    files: files.map((file) => resolve(root, file)),
    cwd: root,
    concurrency: 2,
    env: { ...process.env, CALLTRAIL_TEST_SEED: seed },
    execArgv: [`--import=${pathToFileURL(resolve(import.meta.dirname, 'support/preload.ts'))}`],
    testNamePatterns: values.name.map((pattern) => new RegExp(pattern)),
  })
  let total = 0
  results.on('test:fail', () => {
    process.exitCode = 1
  })
  results.on('test:summary', ({ counts, file }) => {
    if (file === undefined) total = counts.tests
  })
  const report = results.compose(spec)
  report.pipe(process.stdout, { end: false })
  await finished(report, { writable: false })
  if (total === 0) process.exitCode = 1
  const outcome = process.exitCode === undefined ? 'passed' : 'failed'
  process.stdout.write(`${total} tests of ${files.length} files, seed ${seed}: ${outcome}\n`)
}
