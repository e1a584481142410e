import { resolve } from 'node:path'
import type { Command } from 'commander'
import { csv, EXPORT_MODULE, ndjson } from '../dialect/native/export.ts'
import { type Parameters, readQuery } from '../dialect/native/query.ts'
import { chosenAccount } from './chosen-account.ts'
import { EXIT, wrongUsage } from './exit.ts'
import { type At, addCommand, type CommonOptions, type Host } from './host.ts'
import { grouped } from './table.ts'

interface ExportOptions extends CommonOptions {
  account?: string
  format?: string
  out?: string
}

const HELP = `
Filters are those of GET /calltrail/v1/calls, as NAME=VALUE; all of them must hold:
  calltrail export direction=inbound started_at__gte=2026-01-01 'number=+1 (202) 555-1234' legs=all
  calltrail export --format csv --out calls.csv order=-duration 'where={"field":"hangup.code","op":"in","value":[3000,4000]}'
--out writes beside the file and gives it its name when the export is whole.`

/** `calltrail export`: every call of an account that a query matches, to standard output or a file. */
export function addExport(program: Command, host: Host): void {
  addCommand(program, 'export [filters...]', 'write calls out as NDJSON or CSV')
    .option('--account <id>', 'whose calls (default: the only account’s)')
    .option('--format <format>', 'ndjson or csv (default: ndjson)')
    .option('--out <file>', 'a file instead of standard output')
    .addHelpText('after', HELP)
    .action((filters: string[], options: ExportOptions) => {
      const { format = 'ndjson' } = options
      if (format !== 'ndjson' && format !== 'csv') throw wrongUsage('--format must be ndjson or csv')
      if (options.json && format === 'csv') throw wrongUsage('--json and --format csv exclude one another')
      const parameters = readFilters(filters)
      const out = options.out === undefined ? {} : { out: resolve(host.cwd, options.out) }
      return host.onFolder(options, out, (at) => exportCalls(at, { account: options.account, format, parameters }))
    })
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

async function exportCalls(
  at: At,
  given: { account: string | undefined; format: 'ndjson' | 'csv'; parameters: Parameters },
): Promise<number> {
  const { calls } = at.calltrail
  const account = chosenAccount(at, given.account)
  const { where, order } = readQuery(given.parameters, account.settings)
  let count = 0
  const { head } = given.format === 'csv' ? csv : ndjson
  if (head !== '') await at.console.out(head)
  const encoder = { module: EXPORT_MODULE, name: given.format }
  for await (const { bytes, calls: more } of calls.scanText({ accountId: account.id, where, order, encoder })) {
    at.console.signal.throwIfAborted()
    await at.console.out(utf8.decode(bytes))
    count += more
    at.console.progress({ done: count, total: 0, note: `${grouped(count)} calls` })
  }
  at.console.progress(null)
  at.console.say(`${grouped(count)} calls`)
  return EXIT.done
}

/** Each may be given once; what it may be is `readQuery`'s to say. */
function readFilters(filters: readonly string[]): Parameters {
  const parameters: Record<string, string | string[]> = {}
  for (const filter of filters) {
    const equals = filter.indexOf('=')
    if (equals < 1) throw wrongUsage(`${filter}: write a filter as NAME=VALUE, such as direction=inbound`)
    const name = filter.slice(0, equals)
    if (['limit', 'cursor', 'format', 'as'].includes(name)) throw wrongUsage(`${name} is no filter of an export`)
    const before = parameters[name]
    const value = filter.slice(equals + 1)
    parameters[name] = before === undefined ? value : [before, value].flat()
  }
  return parameters
}
