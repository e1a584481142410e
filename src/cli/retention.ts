import type { Command } from 'commander'
import type { Directory } from '../store/directory.ts'
import { Keeper, type KeeperRun } from '../store/keeper.ts'
import { EXIT } from './exit.ts'
import { type At, addCommand, answer, type CommonOptions, type Host } from './host.ts'
import { grouped, list, table } from './table.ts'

interface RetentionOptions extends CommonOptions {
  dryRun?: boolean
  yes?: boolean
}

const HELP = `
Lets go what is older than its account keeps it, as the server does by itself every hour.
  calltrail account set MA… retention.call_days=365 retention.raw_days=30 retention.recording_days=90
  calltrail retention --dry-run
  calltrail retention --yes
Without --yes a clock that is far ahead of all calls, and an account that would lose many calls at once, hold it back.
docs/keeping-and-forgetting.md says how.`

/** `calltrail retention`: lets go what is older than its account keeps it. */
export function addRetention(program: Command, host: Host): void {
  addCommand(program, 'retention', 'let go what is older than its account keeps it')
    .option('--dry-run', 'show what would go, and let nothing go')
    .option('--yes', 'let it go though the clock or the number of calls would hold it back')
    .addHelpText('after', HELP)
    .action((options: RetentionOptions) => host.onFolder(options, {}, (at) => retain(at, options)))
}

async function retain(at: At, { dryRun = false, yes = false }: RetentionOptions): Promise<number> {
  const { keeping, directory, now } = at.calltrail
  const keeper = new Keeper({ keeping, directory, now, onError: () => {} })
  const run = await keeper.run({ dryRun, confirmed: yes })
  const isHeld = run.refused !== null || run.accounts.some(({ refused }) => refused !== null)
  const text = anyDays(directory) ? shown(run, { dryRun, isHeld }) : NO_DAYS
  await answer(at, { json: wireOf(run, dryRun), text })
  return isHeld && !dryRun ? EXIT.failed : EXIT.done
}

function wireOf(run: KeeperRun, dryRun: boolean) {
  return {
    dry_run: dryRun,
    refused: run.refused,
    accounts: run.accounts.map(({ accountId, refused, calls, links }) => ({
      account_id: accountId,
      refused,
      calls,
      recording_links: links,
    })),
    reports: run.reports,
    quarantined: run.quarantined,
    segments: run.segments,
    raw_files: run.rawFiles,
  }
}

const NO_DAYS = `No account lets anything go: each keeps everything for good until it is told for how many days, such as
  calltrail account set MA… retention.call_days=365 retention.raw_days=30 retention.recording_days=90
`

function anyDays(directory: Directory): boolean {
  return directory.accounts().some(({ settings }) => Object.values(settings.retention).some((days) => days !== null))
}

const WOULD_GO = ['ACCOUNT', 'CALLS THAT WOULD GO', 'CALLS THAT WOULD LOSE LINKS', 'HELD BACK']
const GONE = ['ACCOUNT', 'CALLS GONE', 'CALLS THAT LOST LINKS', 'HELD BACK']

function shown(run: KeeperRun, { dryRun, isHeld }: { dryRun: boolean; isHeld: boolean }): string {
  const rows = run.accounts
    .filter(({ calls, links, refused }) => calls + links > 0 || refused !== null)
    .map(({ accountId, calls, links, refused }) => {
      const went = refused === null || dryRun ? { calls, links } : { calls: 0, links: 0 }
      return [accountId, went.calls, went.links, refused ?? '']
    })
  const done = dryRun ? `would go${isHeld ? ' with --yes' : ''}` : 'gone'
  return [
    run.refused === null ? '' : `held back: ${run.refused}\n\n`,
    rows.length === 0 ? '' : `${table(dryRun ? WOULD_GO : GONE, rows)}\n`,
    list([
      [`reports as they came, ${done}`, grouped(run.reports)],
      [`quarantine entries, ${done}`, grouped(run.quarantined)],
      [`files of the raw log, ${done}`, grouped(run.rawFiles)],
      ...(dryRun ? [] : [['segments that went whole', grouped(run.segments)] as const]),
    ]),
    isHeld ? '\ncalltrail retention --yes lets go what is held back.\n' : '',
  ].join('')
}
