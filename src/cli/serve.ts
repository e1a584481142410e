import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { type Logger, pino } from 'pino'
import type { Config } from '../config/config.ts'
import { buildApp } from '../http/app.ts'
import { Reaper } from '../ingest/reaper.ts'
import { CountWatch } from '../store/count-watch.ts'
import { Keeper } from '../store/keeper.ts'
import { LogWatch } from '../store/log-watch.ts'
import { MOST_LOG_BYTES } from '../store/sqlite/folder/log-bytes.ts'
import type { Migration } from '../store/sqlite/folder/migration-progress.ts'
import { migrationLine } from './migration-line.ts'
import { type Calltrail, limitsOf, openCalltrail } from './open.ts'

export interface Served {
  calltrail: Calltrail
  app: FastifyInstance
  /** `http://127.0.0.1:8080`. */
  url: string
  /** Stops listening, finishes what was accepted, closes the folder. */
  stop(): Promise<void>
}

/**
 * Opens the folder and listens. `onFailure` is called when the store can go on no longer. When it cannot listen, it lets
 * go of the folder and throws.
 */
export async function serve(config: Config, onFailure: (error: Error) => void): Promise<Served> {
  await refuseTakenPort(config)
  const logger = pino({ level: config.logLevel as string })
  const onMigration = (migration: Migration) => logger.info(migration, migrationLine(migration))
  const calltrail = await openCalltrail(config, { onFailure, onMigration })
  const reaper = newReaper(config, { calltrail, logger })
  const countWatch = newCountWatch(calltrail, logger)
  const keeper = newKeeper(calltrail, logger)
  const logWatch = newLogWatch(calltrail, logger)
  let app: FastifyInstance | null = null
  try {
    app = await newApp(config, { calltrail, logger, reaper, countWatch, keeper })
    const opened = app
    const url = await listen(opened, config)
    reaper?.start()
    countWatch.start()
    keeper.start()
    logWatch.start()
    return {
      calltrail,
      app,
      url,
      async stop() {
        keeper.stop()
        await Promise.all([opened.close(), reaper?.stop(), countWatch.stop(), logWatch.stop()])
        await calltrail.close()
      },
    }
  } catch (error) {
    await app?.close()
    await calltrail.close()
    throw error
  }
}

/** What ends calls of which nothing came any more; null where the settings say that nothing does. */
function newReaper(
  { silentCallS }: Config,
  { calltrail: { calls, now }, logger }: { calltrail: Calltrail; logger: Logger },
): Reaper | null {
  if (silentCallS === null) return null
  const onError = (error: unknown) => logger.error({ err: error }, 'ends of silent calls could not be inferred')
  return new Reaper({ calls, now, silentCallS: silentCallS as number, onError })
}

function newCountWatch({ calls }: Calltrail, logger: Logger): CountWatch {
  return new CountWatch({
    calls,
    onWrong: (what) => logger.error({ what }, 'a count is wrong, and so are totals and summaries of its time'),
    onError: (error) => logger.error({ err: error }, 'counts could not be checked'),
  })
}

function newLogWatch({ calls }: Calltrail, logger: Logger): LogWatch {
  return new LogWatch({
    calls,
    mostBytes: MOST_LOG_BYTES,
    onLarge: (bytes) =>
      logger.warn({ bytes, most: MOST_LOG_BYTES }, 'the write-ahead logs are larger than they should be'),
    onBack: (bytes) =>
      logger.warn({ bytes, most: MOST_LOG_BYTES }, 'the write-ahead logs are as small as they should be again'),
    onError: (error) => logger.error({ err: error }, 'the write-ahead logs could not be looked at'),
  })
}

function newKeeper({ keeping, directory, now }: Calltrail, logger: Logger): Keeper {
  const onError = (error: unknown) => logger.error({ err: error }, 'what is old could not be let go')
  return new Keeper({ keeping, directory, now, onError })
}

interface AppGiven {
  calltrail: Calltrail
  logger: Logger
  reaper: Reaper | null
  countWatch: CountWatch
  keeper: Keeper
}

function newApp(config: Config, { calltrail, logger, reaper, countWatch, keeper }: AppGiven): Promise<FastifyInstance> {
  const tls =
    config.tlsCert === null
      ? null
      : { cert: readFileSync(config.tlsCert as string), key: readFileSync(config.tlsKey as string) }
  return buildApp({
    ...calltrail,
    reaper,
    countWatch,
    keeper,
    limits: limitsOf(config),
    logger,
    trustedProxies: config.trustedProxies,
    bodyLimitBytes: config.bodyLimitMib * 1024 * 1024,
    tls,
    opsAccess: config.opsAccess,
    unreadAnswerS: config.unreadAnswerS,
  })
}

/** Rejects with EADDRINUSE before the folder is touched: the first start would make a key and show it to nobody. */
async function refuseTakenPort(config: Config): Promise<void> {
  const probe = createServer()
  probe.listen(addressOf(config))
  await once(probe, 'listening')
  probe.close()
  await once(probe, 'close')
}

function listen(app: FastifyInstance, config: Config): Promise<string> {
  return app.listen(addressOf(config))
}

function addressOf({ listen }: Config): { host: string; port: number } {
  const colon = listen.lastIndexOf(':')
  return { host: listen.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(listen.slice(colon + 1)) }
}
