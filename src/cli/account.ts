import type { Command } from 'commander'
import { presentAccount, presentKey } from '../dialect/native/admin-present.ts'
import { changedSettings } from '../dialect/native/settings-wire.ts'
import { type Account, defaultSettings } from '../record/account.ts'
import { chosenAccount } from './chosen-account.ts'
import { EXIT, wrongUsage } from './exit.ts'
import { type AtDirectory, addCommand, answer, type CommonOptions, type Host } from './host.ts'
import { readSettings } from './settings-arguments.ts'
import { list, table } from './table.ts'

/** `calltrail account list | create | show | set`. */
export function addAccount(program: Command, host: Host): void {
  const account = program.command('account').description('accounts and their settings')

  addCommand(account, 'list', 'all accounts').action((options: CommonOptions) =>
    host.onDirectory(options, {}, listAccounts),
  )

  addCommand(account, 'create <name> [settings...]', 'make an account with a first key, which is shown this once')
    .option('--id <id>', 'its id: MA and 18 of A-Z and 0-9 (default: random)')
    .addHelpText('after', SETTINGS_HELP)
    .action((name: string, settings: string[], options: CommonOptions & { id?: string }) =>
      host.onDirectory(options, { creates: true }, (at) => createAccount(at, { ...options, name, settings })),
    )

  addCommand(account, 'show [id]', 'the settings of an account').action(
    (id: string | undefined, options: CommonOptions) =>
      host.onDirectory(options, {}, (at) => showAccount(at, chosenAccount(at, id))),
  )

  addCommand(account, 'set <settings...>', 'change settings of an account, the only one unless its id is given')
    .usage('[options] [id] <settings...>')
    .addHelpText('after', SETTINGS_HELP)
    .action((given: string[], options: CommonOptions) => {
      const { id, settings } = readGiven(given)
      return host.onDirectory(options, {}, (at) => changeAccount(at, chosenAccount(at, id), settings))
    })
}

const SETTINGS_HELP = `
Settings are NAME=VALUE, as the native API names them: time_zone=Europe/Berlin default_country=DE
billing_increment.first_s=60 dial_out_prefixes='["9"]'. docs/configuration.md lists them.`

/** An id stands first, and has no =, which every setting has. */
function readGiven([first = '', ...rest]: string[]): { id: string | undefined; settings: string[] } {
  if (first.includes('=') || rest.length === 0) return { id: undefined, settings: [first, ...rest] }
  return { id: first, settings: rest }
}

async function listAccounts(at: AtDirectory): Promise<number> {
  const accounts = at.directory.accounts()
  const rows = accounts.map(({ id, settings }) => [id, settings.name, settings.timeZone, settings.currency])
  await answer(at, {
    json: { accounts: accounts.map(presentAccount) },
    text: table(['ID', 'NAME', 'TIME ZONE', 'CURRENCY'], rows),
  })
  return EXIT.done
}

async function createAccount(
  at: AtDirectory,
  { id, name, settings: given }: { id?: string; name: string; settings: string[] },
): Promise<number> {
  const { directory } = at
  const changes = readSettings(given)
  if ('name' in changes) throw wrongUsage('the name is the first argument')
  const settings = changedSettings(defaultSettings(name), changes)
  const account = directory.createAccount(id === undefined ? { settings } : { id, settings })
  const { key, secret } = directory.createKey({
    accountId: account.id,
    name: 'first key',
    scopes: ['read', 'ingest', 'admin'],
  })
  await answer(at, {
    json: { account: presentAccount(account), key: { ...presentKey(key), secret } },
    text: `${list([
      ['account', account.id],
      ['key', secret],
    ])}The key has the scopes read, ingest and admin. It is shown this once.\n`,
  })
  return EXIT.done
}

async function changeAccount(at: AtDirectory, { id, settings }: Account, given: readonly string[]): Promise<number> {
  return showAccount(at, at.directory.updateSettings(id, changedSettings(settings, readSettings(given))))
}

async function showAccount(at: AtDirectory, account: Account): Promise<number> {
  const shown = presentAccount(account)
  const pairs = Object.entries(shown).map(
    ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
  )
  await answer(at, { json: shown, text: list(pairs) })
  return EXIT.done
}
