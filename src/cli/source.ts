import type { Command } from 'commander'
import { presentSource } from '../dialect/native/admin-present.ts'
import { RULE_MATCHES, SOURCE_KINDS, type SourceKind, type SourceRule } from '../store/directory.ts'
import { EXIT, wrongUsage } from './exit.ts'
import { type AtDirectory, addCommand, answer, type CommonOptions, type Host } from './host.ts'
import { table } from './table.ts'

interface PutOptions extends CommonOptions {
  kind?: string
  timeZone?: string
  rule?: string[]
}

const RULE_HELP = `
A rule is MATCH:VALUE=ACCOUNT, and fixed=ACCOUNT for every record; MATCH is one of ${RULE_MATCHES.join(', ')}.
The first that matches names the account of a record. A leg that none matches goes to the account of the call it is a
leg of; what then has none is quarantined.
  calltrail source put fs-london --kind freeswitch --rule domain:pbx.example.com=MA... --rule fixed=MA...`

/** `calltrail source list | put | delete`. */
export function addSource(program: Command, host: Host): void {
  const source = program.command('source').description('the systems that send reports in, and whose calls those are')

  addCommand(source, 'list', 'all sources with their rules').action((options: CommonOptions) =>
    host.onDirectory(options, {}, listSources),
  )

  addCommand(source, 'put <name>', 'make a source, or change what is given of one')
    .option('--kind <kind>', `what it is: ${SOURCE_KINDS.join(', ')}`)
    .option('--time-zone <zone>', 'zone of times that it writes without one (default: UTC)')
    .option('--rule <rule...>', 'names the accounts; replaces the rules there were')
    .addHelpText('after', RULE_HELP)
    .action((name: string, options: PutOptions) => host.onDirectory(options, {}, (at) => putSource(at, name, options)))

  addCommand(source, 'delete <name>', 'take nothing more from it; its calls stay').action(
    (name: string, options: CommonOptions) => host.onDirectory(options, {}, (at) => deleteSource(at, name)),
  )
}

async function listSources(at: AtDirectory): Promise<number> {
  const sources = at.directory.sources()
  const rows = sources.map(({ name, kind, timeZone, rules }) => [name, kind, timeZone, rules.map(ruleText).join(' ')])
  await answer(at, {
    json: { sources: sources.map(presentSource) },
    text: table(['NAME', 'KIND', 'TIME ZONE', 'RULES'], rows),
  })
  return EXIT.done
}

async function putSource(at: AtDirectory, name: string, { kind, timeZone, rule }: PutOptions): Promise<number> {
  const { directory } = at
  const before = directory.source(name)
  const chosen = kind ?? before?.kind
  if (chosen === undefined) throw wrongUsage(`a new source needs --kind: one of ${SOURCE_KINDS.join(', ')}`)
  const source = directory.putSource({
    name,
    kind: chosen as SourceKind,
    timeZone: timeZone ?? before?.timeZone ?? 'UTC',
    rules: rule === undefined ? (before?.rules ?? []) : rule.map(readRule),
  })
  const what = before === null ? 'made' : 'changed'
  await answer(at, { json: presentSource(source), text: `source ${name} was ${what}\n` })
  return EXIT.done
}

/** `domain:pbx.example.com=MA…` or `fixed=MA…`. */
function readRule(text: string): SourceRule {
  const [, match = '', value = null, accountId = ''] = /^([a-z]+)(?::(.*))?=([^=]*)$/s.exec(text) ?? []
  if (match === '') throw wrongUsage(`--rule ${text}: write MATCH:VALUE=ACCOUNT or fixed=ACCOUNT`)
  return { match: match as SourceRule['match'], value, accountId }
}

function ruleText({ match, value, accountId }: SourceRule): string {
  return `${match}${value === null ? '' : `:${value}`}=${accountId}`
}

async function deleteSource(at: AtDirectory, name: string): Promise<number> {
  if (!at.directory.deleteSource(name)) throw wrongUsage(`there is no source ${name}`)
  await answer(at, { json: { deleted: name }, text: `source ${name} was deleted; its calls stay\n` })
  return EXIT.done
}
