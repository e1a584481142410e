import type { FastifyInstance } from 'fastify'
import { FaultError } from './fault.ts'

/** Answers every other method of a path with the dialect's 405 and its `Allow`, before a body is read. */
export function refuseOtherMethods(
  app: Pick<FastifyInstance, 'route' | 'supportedMethods'>,
  path: string,
  allow: readonly string[],
): void {
  const refuse = async (): Promise<never> => {
    throw new FaultError({ code: 'method_not_allowed', allow })
  }
  const method = app.supportedMethods.filter((name) => !allow.includes(name))
  app.route({ method, url: path, schema: { hide: true }, onRequest: refuse, handler: refuse })
}
