import { join } from 'node:path'
import type { Command } from 'commander'
import { presentErasure } from '../dialect/native/admin-present.ts'
import { normalizeNumber } from '../record/phone.ts'
import { formatRfc3339 } from '../record/time.ts'
import { DirectoryRefusal } from '../store/directory-refusal.ts'
import { eraseNumber } from '../store/erase-number.ts'
import { chosenAccount } from './chosen-account.ts'
import { EXIT, wrongUsage } from './exit.ts'
import { type At, addCommand, answer, type CommonOptions, type Host } from './host.ts'
import { grouped, list, table } from './table.ts'

interface EraseOptions extends CommonOptions {
  account?: string
  number?: string
  reason?: string
  list?: boolean
}

const HELP = `
Takes one subscriber's number out of all calls of an account, the reports of them as they came, and the quarantine. Calls
stay, with their times and amounts. It cannot be undone; backups keep it until they are deleted.
  calltrail erase --account MA… --number '+49 30 1234567' --reason 'request of 3 May'
  calltrail erase --account MA… --list
docs/keeping-and-forgetting.md says what goes and what stays.`

/** `calltrail erase`: one subscriber's number, for good. */
export function addErase(program: Command, host: Host): void {
  addCommand(program, 'erase', 'take one number out of everything an account has')
    .option('--account <id>', 'whose calls (default: the only account’s)')
    .option('--number <number>', 'in any form that the account writes numbers in')
    .option('--reason <text>', 'kept with the record of the erasure', 'command line')
    .option('--list', 'show what was erased so far, and erase nothing')
    .addHelpText('after', HELP)
    .action((options: EraseOptions) => host.onFolder(options, {}, (at) => (options.list ? show : erase)(at, options)))
}

async function erase(at: At, { account: id, number, reason = '' }: EraseOptions): Promise<number> {
  const account = chosenAccount(at, id)
  if (number === undefined) throw wrongUsage('say which number: --number +49…')
  const { keeping, directory, now } = at.calltrail
  if (!normalizeNumber(number, account.settings).startsWith('+'))
    at.console.say('The account does not read this as an international number: it is looked for as these digits alone.')
  const onProgress = ({ done }: { done: number }) =>
    at.console.progress({ done, total: 0, note: `${grouped(done)} calls looked at` })
  const asked = { account, number, reason, byKey: null, unassigned: true, onProgress }
  const erasure = await eraseNumber({ keeping, directory, now }, asked).catch((error) => {
    throw error instanceof DirectoryRefusal ? wrongUsage(`--number ${error.why}`) : error
  })
  at.console.progress(null)
  const { calls, reports, quarantined, putAside } = erasure
  if (putAside !== null)
    at.console.say(
      `Erasing does not look at the files in ${join(at.folder, putAside)}, which a restore has put aside: the number may ` +
        'stand in them. Delete the folder when it is not needed any more.',
    )
  await answer(at, {
    json: presentErasure(erasure),
    text: list([
      ['calls changed', grouped(calls)],
      ['reports forgotten', grouped(reports)],
      ['quarantine entries dropped', grouped(quarantined)],
    ]),
  })
  return EXIT.done
}

async function show(at: At, { account: id }: EraseOptions): Promise<number> {
  const erasures = at.calltrail.keeping.erasures(chosenAccount(at, id).id)
  const rows = erasures.map((one) => [
    one.id,
    `…${one.lastTwo}`,
    formatRfc3339(one.begunAtUs),
    one.finishedAtUs === null ? 'no' : 'yes',
    one.calls,
    one.reports,
    one.quarantined,
    one.reason,
  ])
  await answer(at, {
    json: { erasures: erasures.map(presentErasure) },
    text: table(['ID', 'NUMBER', 'BEGUN', 'FINISHED', 'CALLS', 'REPORTS', 'QUARANTINED', 'REASON'], rows),
  })
  return EXIT.done
}
