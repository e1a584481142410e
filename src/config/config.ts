import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'

const OrNull = (schema: TSchema, options: { default: number | null; description: string }) =>
  Type.Unsafe<number | null>({ ...Type.Union([schema, Type.Null()]), ...options })
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
type LogLevel = (typeof LOG_LEVELS)[number]
/** Seconds: a timer counts no further. */
const Deadline = Type.Integer({ minimum: 1, maximum: 2_000_000 })
const Count = Type.Integer({ minimum: 1, maximum: 1_000_000_000 })

/**
 * Every setting. Each is read from the environment under its name in capitals behind `CALLTRAIL_`: `pageReaders` is
 * `CALLTRAIL_PAGE_READERS`. Lists are separated by commas; `none` is null.
 */
export const Config = Type.Object(
  {
    data: Type.String({
      minLength: 1,
      default: './calltrail-data',
      description: 'The data folder. Created when missing.',
    }),
    listen: Type.String({
      pattern: '^(\\[[0-9a-fA-F:.]+\\]|[^:\\s]+):\\d{1,5}$',
      default: '127.0.0.1:8080',
      description: 'Address and port to listen on; port 0 takes a free one.',
    }),
    tlsCert: Type.Union([Type.String({ minLength: 1 }), Type.Null()], {
      default: null,
      description: 'PEM file with the certificate chain; with CALLTRAIL_TLS_KEY the server speaks HTTPS.',
    }),
    tlsKey: Type.Union([Type.String({ minLength: 1 }), Type.Null()], {
      default: null,
      description: 'PEM file with the private key of CALLTRAIL_TLS_CERT.',
    }),
    trustedProxies: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: 'Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed.',
    }),
    logLevel: Type.Unsafe<LogLevel>({
      ...Type.Union(LOG_LEVELS.map((level) => Type.Literal(level))),
      default: 'info',
      description: `Least severe level that is logged: ${LOG_LEVELS.join(', ')}.`,
    }),
    bootstrapAccount: Type.Union([Type.String({ pattern: '^MA[A-Z0-9]{18}$' }), Type.Null()], {
      default: null,
      description: 'Id of the account that the first start on an empty folder creates; random when not set.',
    }),
    bootstrapKey: Type.Union([Type.String({ pattern: '^\\S{20,256}$' }), Type.Null()], {
      default: null,
      description: 'Key of that account, 20 to 256 characters without blanks; random and printed once when not set.',
    }),
    opsAccess: Type.Union([Type.Literal('open'), Type.Literal('operator')], {
      default: 'open',
      description: 'Who may read /metrics, /openapi.json and /docs: everyone, or keys with the scope operator.',
    }),
    pageReaders: Type.Integer({ minimum: 1, maximum: 64, default: 2, description: 'Threads that answer lists.' }),
    listDeadlineS: OrNull(Deadline, {
      default: 30,
      description: 'Seconds that a list may take before it is given up with 503; none sets no limit.',
    }),
    exportDeadlineS: OrNull(Deadline, {
      default: null,
      description:
        'Seconds that an export may take, from its request to its last call, before it is broken off; none sets no limit.',
    }),
    unreadAnswerS: Type.Integer({
      minimum: 1,
      maximum: 86_400,
      default: 120,
      description:
        'Seconds after which a connection is closed whose client reads nothing of an answer that waits for it; one that reads, however slowly, is left alone.',
    }),
    waitingReports: Type.Integer({
      minimum: 1000,
      maximum: 10_000_000,
      default: 100_000,
      description: 'Reports that may wait for the disk before more are refused with 503.',
    }),
    waitingReads: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 200,
      description:
        'Questions of one account that may wait for a thread (pages, heavy questions and exports apart) before more are refused with 503.',
    }),
    bodyLimitMib: Type.Integer({
      minimum: 1,
      maximum: 4096,
      default: 16,
      description:
        'Largest JSON body in MiB, unpacked. A record of an NDJSON stream has at most 1 MiB, the stream itself no limit.',
    }),
    plivoPageRows: Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 20,
      description: 'Most rows of one Plivo answer.',
    }),
    plivoDefaultWindowDays: Type.Integer({
      minimum: 1,
      maximum: 36_500,
      default: 30,
      description: 'Days that the Plivo dialects search when a request names no end time.',
    }),
    plivoHorizonDays: OrNull(Count, {
      default: 90,
      description: 'Days back that the Plivo dialects search at all, and their widest range; none searches everything.',
    }),
    plivoRequestsPer5S: OrNull(Count, {
      default: 300,
      description: 'Requests per account in 5 s on the Plivo dialects; none counts none.',
    }),
    nativeRequestsPerMinute: OrNull(Count, {
      default: null,
      description: 'Requests per account and minute on the native API, ingest apart; none counts none.',
    }),
    portsipRequestsPerMinute: OrNull(Count, {
      default: 5000,
      description: 'Requests per account and minute on the PortSIP dialect; none counts none.',
    }),
    streamHeartbeatS: Type.Integer({
      minimum: 1,
      maximum: 3600,
      default: 15,
      description: 'Seconds without an event after which a change stream sends a comment, so that nobody closes it.',
    }),
    changeStreams: Type.Integer({
      minimum: 0,
      maximum: 100_000,
      default: 100,
      description: 'Change streams that one account may have open at once.',
    }),
    silentCallS: OrNull(Count, {
      default: 43_200,
      description:
        'Seconds after the last report of a call after which its end is inferred, twelve hours unless set; none never does.',
    }),
    failedSignInsPerMinute: OrNull(Count, {
      default: 60,
      description: 'Failed sign-ins per address and minute before the address is answered 429; none counts none.',
    }),
  },
  { additionalProperties: false },
)
export type Config = Static<typeof Config>

/** `plivoPageRows` -> `CALLTRAIL_PLIVO_PAGE_ROWS`. */
export function environmentName(setting: string): string {
  return `CALLTRAIL_${setting.replace(/\d+[A-Z]?|[A-Z]/g, (part) => `_${part}`).toUpperCase()}`
}

/** A setting is wrong, unknown or missing; the message names every one of them. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`the configuration cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
  }
}

/** Reads and checks every setting at once. Throws `ConfigError` naming every bad one, unknown `CALLTRAIL_` names too. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = []
  const names = new Map(Object.keys(Config.properties).map((setting) => [environmentName(setting), setting]))
  for (const name of Object.keys(environment))
    if (name.startsWith('CALLTRAIL_') && !names.has(name)) problems.push(`${name} is not a setting`)
  const config: Record<string, unknown> = {}
  for (const [name, setting] of names) {
    const schema = (Config.properties as Record<string, TSchema>)[setting] as TSchema & {
      default: unknown
      description: string
    }
    const text = environment[name]
    const value = text === undefined || text === '' ? structuredClone(schema.default) : parsed(text, schema)
    if (Value.Check(schema, value)) config[setting] = value
    else problems.push(`${name}=${text} cannot be used: ${schema.description}`)
  }
  if ((config.tlsCert === null) !== (config.tlsKey === null))
    problems.push('CALLTRAIL_TLS_CERT and CALLTRAIL_TLS_KEY belong together: set both or neither')
  if (problems.length > 0) throw new ConfigError(problems)
  return config as Config
}

function parsed(text: string, schema: TSchema & { default: unknown }): unknown {
  if (text === 'none') return null
  if (Array.isArray(schema.default)) return text.split(',').map((part) => part.trim())
  const numeric =
    typeof schema.default === 'number' || ('anyOf' in schema && JSON.stringify(schema.anyOf).includes('"integer"'))
  return numeric && /^-?\d+$/.test(text) ? Number(text) : text
}
