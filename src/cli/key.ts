import type { Command } from 'commander'
import { presentKey } from '../dialect/native/admin-present.ts'
import { readTime } from '../record/time.ts'
import { type Key, SCOPES, type Scope } from '../store/directory.ts'
import { chosenAccount } from './chosen-account.ts'
import { EXIT, wrongUsage } from './exit.ts'
import { type AtDirectory, addCommand, answer, type CommonOptions, type Host } from './host.ts'
import { list, table } from './table.ts'

interface KeyOptions extends CommonOptions {
  account?: string
}

interface CreateOptions extends KeyOptions {
  name: string
  scope: string[]
  expires?: string
}

const ACCOUNT = ['--account <id>', 'the account (default: the only one)'] as const

/** `calltrail key list | create | revoke`. */
export function addKey(program: Command, host: Host): void {
  const key = program.command('key').description('keys of an account')

  addCommand(key, 'list', 'the keys of an account, without their secrets')
    .option(...ACCOUNT)
    .action((options: KeyOptions) => host.onDirectory(options, {}, (at) => listKeys(at, options)))

  addCommand(key, 'create', 'make a key; its secret is shown this once')
    .option(...ACCOUNT)
    .requiredOption('--name <name>', 'shown to people')
    .requiredOption('--scope <scope...>', `what it may do: ${SCOPES.join(', ')}`)
    .option('--expires <time>', 'RFC 3339, or local in the account’s time zone (default: never)')
    .action((options: CreateOptions) => host.onDirectory(options, {}, (at) => createKey(at, options)))

  addCommand(key, 'revoke <id>', 'revoke a key, at once and for good')
    .option(...ACCOUNT)
    .action((id: string, options: KeyOptions) => host.onDirectory(options, {}, (at) => revokeKey(at, id, options)))
}

async function listKeys(at: AtDirectory, { account }: KeyOptions): Promise<number> {
  const keys = at.directory.keys(chosenAccount(at, account).id)
  const shown = keys.map(presentKey)
  const rows = shown.map((key) => [
    key.id,
    key.name,
    key.scopes.join(','),
    key.revoked_at === null ? key.expires_at : 'revoked',
    key.last_used_at,
  ])
  await answer(at, { json: { keys: shown }, text: table(['ID', 'NAME', 'SCOPES', 'EXPIRES', 'LAST USED'], rows) })
  return EXIT.done
}

async function createKey(at: AtDirectory, options: CreateOptions): Promise<number> {
  const account = chosenAccount(at, options.account)
  const { key, secret } = at.directory.createKey({
    accountId: account.id,
    name: options.name,
    scopes: options.scope.flatMap((scopes) => scopes.split(',')) as Scope[],
    expiresAtUs: readExpiry(options.expires, account.settings.timeZone),
  })
  await answer(at, {
    json: { ...presentKey(key), secret },
    text: `${list([
      ['account', account.id],
      ['id', key.id],
      ['key', secret],
    ])}The key is shown this once.\n`,
  })
  return EXIT.done
}

function readExpiry(text: string | undefined, zone: string): number | null {
  if (text === undefined) return null
  const timeUs = readTime(text, zone)
  if (timeUs === null) throw wrongUsage(`--expires ${text}: must be a time such as 2027-01-31T00:00:00Z or 2027-01-31`)
  return timeUs
}

async function revokeKey(at: AtDirectory, keyId: string, options: KeyOptions): Promise<number> {
  const { directory } = at
  const holder = directory.accounts().find(({ id }) => directory.keys(id).some((key) => key.id === keyId))
  const accountId = options.account ?? holder?.id ?? null
  if (accountId === null || !directory.revokeKey({ accountId, keyId })) throw wrongUsage(`there is no key ${keyId}`)
  const key = directory.keys(accountId).find(({ id }) => id === keyId) as Key
  await answer(at, { json: presentKey(key), text: `key ${keyId} of ${accountId} is revoked\n` })
  return EXIT.done
}
