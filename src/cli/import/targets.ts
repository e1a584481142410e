import type { FileFormat } from '../../ingest/file/sniff.ts'
import type { Account } from '../../record/account.ts'
import type { Source, SourceKind } from '../../store/directory.ts'
import { chosenAccount } from '../chosen-account.ts'
import { wrongUsage } from '../exit.ts'
import type { Calltrail } from '../open.ts'

/** Where the calls of a file go: its source, and for the native form the one account that they are of. */
export interface Target {
  source: Source
  /** Null: the source's rules name the account of each call. */
  account: Account | null
}

export interface TargetOptions {
  source?: string
  account?: string
  timeZone?: string
}

const KINDS: Record<FileFormat, SourceKind> = {
  'freeswitch-json': 'freeswitch',
  'asterisk-csv': 'asterisk',
  'native-ndjson': 'native',
}
const NAMES: Record<FileFormat, string> = {
  'freeswitch-json': 'freeswitch',
  'asterisk-csv': 'asterisk',
  'native-ndjson': 'import',
}

/** The sources of an import, one for each format, made when they are first needed. */
export class Targets {
  readonly #calltrail: Calltrail
  readonly #options: TargetOptions
  readonly #say: (line: string) => void
  readonly #byFormat = new Map<FileFormat, Target>()

  constructor(given: { calltrail: Calltrail; options: TargetOptions; say: (line: string) => void }) {
    this.#calltrail = given.calltrail
    this.#options = given.options
    this.#say = given.say
  }

  /** Throws where the source is of another kind, or its rules and time zone are not those of the command line. */
  of(format: FileFormat): Target {
    const known = this.#byFormat.get(format)
    if (known !== undefined) return known
    const name = this.#options.source ?? NAMES[format]
    const existing = this.#calltrail.directory.source(name)
    const source = existing === null ? this.#make(name, KINDS[format]) : this.#checked(existing, KINDS[format])
    const target = { source, account: format === 'native-ndjson' ? this.#accountOf(source) : null }
    this.#byFormat.set(format, target)
    return target
  }

  #make(name: string, kind: SourceKind): Source {
    const { directory } = this.#calltrail
    const accountId = chosenAccount(this.#calltrail, this.#options.account).id
    const timeZone = this.#options.timeZone ?? 'UTC'
    const source = directory.putSource({ name, kind, timeZone, rules: [{ match: 'fixed', value: null, accountId }] })
    this.#say(`source ${name} was made: of kind ${kind}, time zone ${timeZone}, every call of account ${accountId}`)
    return source
  }

  #checked(source: Source, kind: SourceKind): Source {
    const { account, timeZone } = this.#options
    if (source.kind !== kind)
      throw wrongUsage(`source ${source.name} is of kind ${source.kind}, and the file of kind ${kind}`)
    if (timeZone !== undefined && timeZone !== source.timeZone)
      throw wrongUsage(
        `source ${source.name} has the time zone ${source.timeZone}; calltrail source put ${source.name} changes it`,
      )
    if (account !== undefined && !source.rules.some(({ accountId }) => accountId === account))
      throw wrongUsage(
        `no rule of the source ${source.name} names ${account}; calltrail source put ${source.name} changes them`,
      )
    return source
  }

  #accountOf(source: Source): Account {
    const fixed = source.rules.find(({ match }) => match === 'fixed')?.accountId
    return chosenAccount(this.#calltrail, this.#options.account ?? fixed)
  }
}

/** A target in words that differ for what differs, for the journal. */
export function targetKey({ source, account }: Target): string {
  return account === null ? source.name : `${source.name} ${account.id}`
}
