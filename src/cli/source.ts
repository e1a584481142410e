import type { Command } from 'commander'
import { presentSource } from '../dialect/native/admin-present.ts'
import {
  RULE_MATCHES,
  SOURCE_KINDS,
  type Source,
  type SourceGiven,
  type SourceKind,
  type SourceRule,
  type SourceService,
} from '../store/directory.ts'
import { EXIT, wrongUsage } from './exit.ts'
import { type AtDirectory, addCommand, answer, type CommonOptions, type Host } from './host.ts'
import { table } from './table.ts'

interface PutOptions extends CommonOptions {
  kind?: string
  timeZone?: string
  rule?: string[]
  user?: string | false
  password?: string
  passwordStdin?: boolean
  token?: string | false
  address?: string[] | false
  service?: string[]
}

const RULE_HELP = `
A rule is MATCH:VALUE=ACCOUNT, and fixed=ACCOUNT for every record; MATCH is one of ${RULE_MATCHES.join(', ')}.
The first that matches names the account of a record. A leg that none matches goes to the account of the call it is a
leg of; what then has none is quarantined.
  calltrail source put fs-london --kind freeswitch --rule domain:pbx.example.com=MA... --rule fixed=MA...

Who may send to POST /calltrail/v1/sources/NAME, for sources of the kind portsip: a user with a password (Basic and
Digest), a token (Bearer), or an address. A service is NUMBER=ivr or NUMBER=queue, with a name after a colon.
  calltrail source put pbx --kind portsip --rule fixed=MA... --user pbx --password-stdin --service 8000=queue:Sales < file`

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
    .option('--user <name>', 'who sends to it; needs a password')
    .option('--password <text>', 'the password; others on this machine can see it in the list of processes')
    .option('--password-stdin', 'the password, as the first line of standard input')
    .option('--no-user', 'take the user and the password away')
    .option('--token <text>', 'the Bearer token of who sends to it')
    .option('--no-token', 'take the token away')
    .option('--address <address...>', 'addresses and networks that may send; replaces those there were')
    .option('--no-address', 'take the addresses away')
    .option('--service <service...>', 'what numbers inside the PBX are; replaces the services there were')
    .addHelpText('after', RULE_HELP)
    .action((name: string, options: PutOptions) =>
      host.onDirectory(options, { stdin: options.passwordStdin === true }, (at) => putSource(at, name, options)),
    )

  addCommand(source, 'delete <name>', 'take nothing more from it; its calls stay').action(
    (name: string, options: CommonOptions) => host.onDirectory(options, {}, (at) => deleteSource(at, name)),
  )
}

async function listSources(at: AtDirectory): Promise<number> {
  const sources = at.directory.sources()
  const rows = sources.map((source) => {
    const { name, kind, timeZone, rules } = source
    return [name, kind, timeZone, accessText(source), rules.map(ruleText).join(' ')]
  })
  await answer(at, {
    json: { sources: sources.map(presentSource) },
    text: table(['NAME', 'KIND', 'TIME ZONE', 'ACCESS', 'RULES'], rows),
  })
  return EXIT.done
}

async function putSource(at: AtDirectory, name: string, options: PutOptions): Promise<number> {
  const { kind, timeZone, rule, service } = options
  const { directory } = at
  const before = directory.source(name)
  const chosen = kind ?? before?.kind
  if (chosen === undefined) throw wrongUsage(`a new source needs --kind: one of ${SOURCE_KINDS.join(', ')}`)
  const source = directory.putSource({
    name,
    kind: chosen as SourceKind,
    timeZone: timeZone ?? before?.timeZone ?? 'UTC',
    rules: rule === undefined ? (before?.rules ?? []) : rule.map(readRule),
    services: service === undefined ? (before?.services ?? []) : service.map(readService),
    access: await readAccess(at, options),
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

/** What the command line says of who may send; what it does not name stays as it was. */
async function readAccess(at: AtDirectory, options: PutOptions): Promise<NonNullable<SourceGiven['access']>> {
  const { user, password, passwordStdin = false, token, address } = options
  if (password !== undefined && passwordStdin) throw wrongUsage('give --password or --password-stdin, not both')
  const secret = passwordStdin ? await readFirstLine(at) : password
  return {
    ...(user === undefined ? {} : { user: user === false ? null : user }),
    ...(secret === undefined ? {} : { password: secret }),
    ...(token === undefined ? {} : { token: token === false ? null : token }),
    ...(address === undefined ? {} : { addresses: address === false ? [] : address }),
  }
}

async function readFirstLine({ console }: AtDirectory): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of console.stdin()) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8').split(/\r?\n/, 1)[0] ?? ''
}

/** `8000=queue:Sales` or `5000=ivr`. */
function readService(text: string): SourceService {
  const [, number = '', kind = '', name = null] = /^([^=]+)=(ivr|queue)(?::(.+))?$/s.exec(text) ?? []
  if (number === '') throw wrongUsage(`--service ${text}: write NUMBER=queue or NUMBER=ivr, with :NAME after it`)
  return { number, kind: kind as SourceService['kind'], name }
}

/** `password of pbx, token, 2 addresses`. */
function accessText({ access: { user, hasToken, addresses } }: Source): string {
  const ways = [...(user === null ? [] : [`password of ${user}`]), ...(hasToken ? ['token'] : [])]
  if (addresses.length > 0) ways.push(addresses.length === 1 ? '1 address' : `${addresses.length} addresses`)
  return ways.join(', ')
}

async function deleteSource(at: AtDirectory, name: string): Promise<number> {
  if (!at.directory.deleteSource(name)) throw wrongUsage(`there is no source ${name}`)
  await answer(at, { json: { deleted: name }, text: `source ${name} was deleted; its calls stay\n` })
  return EXIT.done
}
