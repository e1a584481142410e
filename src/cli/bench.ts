import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { EXIT } from './exit.ts'
import type { LocalHost } from './local-host.ts'
import type { Terminal } from './terminal.ts'

const RUN = fileURLToPath(new URL('../../bench/run.ts', import.meta.url))

/** `calltrail bench`: what `npm run bench` does, with its options. */
export function addBench(program: Command, { host, terminal }: { host: LocalHost; terminal: Terminal }): void {
  program
    .command('bench [options...]')
    .description('measure this machine; bench --help shows its options, --json alone prints the figures as JSON')
    .helpOption(false)
    .allowUnknownOption()
    .action(async (given: string[]) => {
      host.exitCode = wantsJson(given) ? await jsonOnStdout(given, terminal) : await run(given, terminal, 'inherit')
    })
}

/** `--json` without the name of a file. */
function wantsJson(given: readonly string[]): boolean {
  const at = given.indexOf('--json')
  return at >= 0 && (given[at + 1] === undefined || given[at + 1]?.startsWith('-') === true)
}

/** The table goes to standard error, so that standard output is one document. */
async function jsonOnStdout(given: readonly string[], terminal: Terminal): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'calltrail-bench-'))
  const file = join(folder, 'bench.json')
  try {
    const code = await run(
      given.flatMap((argument) => (argument === '--json' ? [argument, file] : [argument])),
      terminal,
      process.stderr.fd,
    )
    if (code === EXIT.done) await terminal.out(await readFile(file, 'utf8'))
    return code
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function run(given: readonly string[], terminal: Terminal, stdout: 'inherit' | number): Promise<number> {
  const child = spawn(process.execPath, [RUN, ...given], { stdio: ['inherit', stdout, 'inherit'] })
  // Ctrl-C on a terminal reaches the child by itself; a signal to this process alone does not.
  const stop = () => child.kill('SIGTERM')
  terminal.signal.addEventListener('abort', stop)
  const [code] = (await once(child, 'exit')) as [number | null]
  terminal.signal.removeEventListener('abort', stop)
  return terminal.signal.aborted ? EXIT.interrupted : (code ?? EXIT.failed)
}
