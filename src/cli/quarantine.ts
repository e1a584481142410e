import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { presentQuarantined } from '../dialect/native/admin-present.ts'
import { type Replayed, replayEntry } from '../ingest/replay-entry.ts'
import type { Quarantined } from '../store/directory.ts'
import { EXIT, wrongUsage } from './exit.ts'
import { type At, type AtDirectory, addCommand, answer, type CommonOptions, type Host } from './host.ts'
import { grouped, list, table } from './table.ts'

interface ListOptions extends CommonOptions {
  account?: string
  limit: string
  before?: string
}

interface PickOptions extends CommonOptions {
  all?: boolean
  account?: string
  source?: string
  with?: string
}

/** `calltrail quarantine list | show | replay | drop`. */
export function addQuarantine(program: Command, host: Host): void {
  const quarantine = program.command('quarantine').description('what arrived and could not be stored')

  addCommand(quarantine, 'list', 'its entries, newest first')
    .option('--account <id>', 'only those of an account (default: all, and those without one)')
    .option('--limit <count>', 'at most so many', '50')
    .option('--before <id>', 'only those older than an entry')
    .action((options: ListOptions) => host.onDirectory(options, {}, (at) => listEntries(at, options)))

  addCommand(quarantine, 'show <id>', 'an entry with its record as it arrived')
    .option('--raw', 'nothing but the record, to mend it')
    .action((id: string, options: CommonOptions & { raw?: boolean }) =>
      host.onDirectory(options, {}, (at) => showEntry(at, id, options)),
    )

  addPicking(addCommand(quarantine, 'replay [ids...]', 'read entries again; what is stored leaves the quarantine'))
    .option('--with <file>', 'the mended record, in place of the one that arrived; - is standard input')
    .action((ids: string[], options: PickOptions) =>
      host.onFolder(options, { stdin: options.with === '-' }, (at) => replayEntries(at, ids, options)),
    )

  addPicking(addCommand(quarantine, 'drop [ids...]', 'drop entries for good')).action(
    (ids: string[], options: PickOptions) => host.onDirectory(options, {}, (at) => dropEntries(at, ids, options)),
  )
}

function addPicking(command: Command): Command {
  return command
    .option('--all', 'every entry, or every one of --account and --source')
    .option('--account <id>', 'with --all: only those of an account')
    .option('--source <name>', 'with --all: only those of a source')
}

async function listEntries(at: AtDirectory, { account, limit, before }: ListOptions): Promise<number> {
  const page = at.directory.quarantined({
    accountId: account ?? null,
    limit: readCount('--limit', limit),
    ...(before === undefined ? {} : { beforeId: readCount('--before', before) }),
  })
  const entries = page.entries.map(presentQuarantined)
  const rows = entries.map((entry) => [
    entry.id,
    entry.arrived_at.slice(0, 19),
    entry.source,
    entry.account_id,
    entry.origin,
    `${entry.field === null ? '' : `${entry.field}: `}${entry.reason}`,
  ])
  const titles = ['ID', 'ARRIVED', 'SOURCE', 'ACCOUNT', 'WHERE', 'WHY']
  const more = `${grouped(entries.length)} of ${grouped(page.total)} entries\n`
  await answer(at, { json: { entries, total: page.total }, text: table(titles, rows) + more })
  return EXIT.done
}

async function showEntry(at: AtDirectory, id: string, { raw = false }: { raw?: boolean }): Promise<number> {
  const entry = entryNamed(at, id)
  const { raw_bytes, ...shown } = presentQuarantined(entry)
  const text = raw ? `${entry.raw}\n` : `${list(Object.entries(shown))}\n${entry.raw}\n`
  await answer(at, { json: { ...shown, raw_bytes, raw: entry.raw }, text })
  return EXIT.done
}

async function replayEntries(at: At, ids: readonly string[], options: PickOptions): Promise<number> {
  const mended = options.with === undefined ? null : await readMended(at, options.with)
  if (mended !== null && (options.all || ids.length !== 1)) throw wrongUsage('--with mends one entry: give its id')
  const replayed: ({ id: number } & Replayed)[] = []
  for (const entry of pick(at, ids, options)) {
    at.console.signal.throwIfAborted()
    const result = await replayEntry(at.calltrail, mended === null ? entry : { ...entry, raw: mended })
    if (result.stored) at.directory.dropQuarantined([entry.id])
    else if (!at.json) at.console.say(`entry ${entry.id}: ${result.field}: ${result.reason}`)
    replayed.push({ id: entry.id, ...result })
  }
  const refused = replayed.filter(({ stored }) => !stored)
  const stored = replayed.length - refused.length
  await answer(at, {
    json: { replayed: replayed.length, stored, refused },
    text: `${grouped(stored)} stored, ${grouped(refused.length)} refused again\n`,
  })
  return refused.length === 0 ? EXIT.done : EXIT.refused
}

async function readMended(at: At, file: string): Promise<string> {
  if (file !== '-') return readFile(resolve(at.cwd, file), 'utf8')
  const chunks: Uint8Array[] = []
  for await (const chunk of at.console.stdin()) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

async function dropEntries(at: AtDirectory, ids: readonly string[], options: PickOptions): Promise<number> {
  let dropped = 0
  for (const { id } of pick(at, ids, options)) dropped += at.directory.dropQuarantined([id])
  await answer(at, { json: { dropped }, text: `${grouped(dropped)} dropped\n` })
  return EXIT.done
}

/** The named entries, or with `--all` those of the account and the source, newest first. */
function* pick(at: AtDirectory, ids: readonly string[], { all, account, source }: PickOptions): Generator<Quarantined> {
  if ((ids.length === 0) === (all !== true)) throw wrongUsage('give the ids of entries, or --all')
  if (!all) {
    yield* ids.map((id) => entryNamed(at, id))
    return
  }
  let beforeId = Number.MAX_SAFE_INTEGER
  for (;;) {
    const { entries } = at.directory.quarantined({ accountId: account ?? null, limit: 100, beforeId })
    if (entries.length === 0) return
    yield* entries.filter((entry) => source === undefined || entry.source === source)
    beforeId = entries.at(-1)?.id as number
  }
}

function entryNamed(at: AtDirectory, id: string): Quarantined {
  const entry = at.directory.quarantinedById(readCount('id', id))
  if (entry === null) throw wrongUsage(`there is no entry ${id} in the quarantine`)
  return entry
}

function readCount(name: string, text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw wrongUsage(`${name} ${text}: must be a whole number from 1`)
  return Number(text)
}
