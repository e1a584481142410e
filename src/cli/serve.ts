import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import type { Config } from '../config/config.ts'
import { buildApp } from '../http/app.ts'
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
  const calltrail = await openCalltrail(config, onFailure)
  let app: FastifyInstance | null = null
  try {
    app = await newApp(config, calltrail)
    const opened = app
    const url = await listen(opened, config)
    return {
      calltrail,
      app,
      url,
      async stop() {
        await opened.close()
        await calltrail.close()
      },
    }
  } catch (error) {
    await app?.close()
    await calltrail.close()
    throw error
  }
}

function newApp(config: Config, calltrail: Calltrail): Promise<FastifyInstance> {
  const tls =
    config.tlsCert === null
      ? null
      : { cert: readFileSync(config.tlsCert as string), key: readFileSync(config.tlsKey as string) }
  return buildApp({
    ...calltrail,
    limits: limitsOf(config),
    logger: pino({ level: config.logLevel as string }),
    trustedProxies: config.trustedProxies,
    bodyLimitBytes: config.bodyLimitMib * 1024 * 1024,
    tls,
    opsAccess: config.opsAccess,
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
