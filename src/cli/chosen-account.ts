import type { Account } from '../record/account.ts'
import { wrongUsage } from './exit.ts'
import type { AtDirectory } from './host.ts'

/** The account that a command is about: the named one, or the only one there is. */
export function chosenAccount({ directory }: Pick<AtDirectory, 'directory'>, id: string | undefined): Account {
  const accounts = directory.accounts()
  if (id !== undefined) {
    const account = directory.account(id)
    if (account === null) throw wrongUsage(`there is no account ${id}; calltrail account list shows those there are`)
    return account
  }
  const [only, other] = accounts
  if (only === undefined) throw wrongUsage('there is no account yet; calltrail account create makes one')
  if (other !== undefined)
    throw wrongUsage(`there are ${accounts.length} accounts: say which one (calltrail account list shows them)`)
  return only
}
