import { type Static, Type } from 'typebox'

/** Epoch microseconds, UTC. The upper bound is the last microsecond of the year 2199. */
const TimeUs = Type.Integer({ minimum: 0, maximum: 7_258_118_399_999_999 })
const Text = (maxLength: number) => Type.String({ maxLength })
const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()])
const Ref = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
/** A price a minute, up to 1,000 of the currency: bounds that keep every product of it exact. */
const RateNanos = Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 })
const AmountMicros = Type.Integer({ minimum: -1_000_000_000_000_000, maximum: 1_000_000_000_000_000 })
const Closed = { additionalProperties: false } as const

export const LEGS = ['whole', 'a', 'b'] as const
export const DIRECTIONS = ['inbound', 'outbound', 'internal', 'transit'] as const
export const STATES = ['ringing', 'queued', 'answered', 'ended'] as const
export const HANGUP_BY = ['customer', 'carrier', 'platform'] as const
export const HANGUP_SIDES = ['caller', 'callee', 'platform'] as const
export const VERIFICATIONS = ['verified', 'not_verified', 'not_applicable'] as const
export const ATTESTATIONS = ['A', 'B', 'C'] as const
export const TRANSFERS = ['none', 'blind', 'warm'] as const
export const LEFT_BY = ['answer', 'hangup', 'overflow', 'callback', 'closed'] as const
export const CALL_TYPES = [
  'all_inbound',
  'inbound_answered',
  'inbound_answered_within_sla',
  'inbound_answered_but_not_within_sla',
  'inbound_ivr_exit',
  'abandoned',
  'callback',
  'overflowed',
  'all_outbound',
  'outbound_answered',
  'outbound_not_answered',
  'transfer',
  'warm_transfer',
  'out_of_business_hours',
  'short_abandoned',
  'automated_callback',
  'short_abandoned_distributed',
  'abandoned_distributed',
] as const

const oneOf = <T extends readonly string[]>(values: T) => Type.Unsafe<T[number]>({ type: 'string', enum: [...values] })

export const Party = Type.Object(
  {
    /** E.164 with a leading + where the number is international, else as the source wrote it. */
    number: OrNull(Text(128)),
    asSent: OrNull(Text(256)),
    name: OrNull(Text(256)),
    domain: OrNull(Text(255)),
    /** ISO 3166-1 alpha-2, of the number. */
    country: OrNull(Text(2)),
    carrier: OrNull(Text(128)),
    region: OrNull(Text(64)),
  },
  Closed,
)

export const Named = Type.Object({ id: Ref, name: OrNull(Text(256)) }, Closed)

export const Ivr = Type.Object({ id: Ref, name: OrNull(Text(256)), enteredAtUs: OrNull(TimeUs) }, Closed)

export const Queue = Type.Object(
  {
    ringGroup: OrNull(Named),
    queuedAtUs: OrNull(TimeUs),
    distributedAtUs: OrNull(TimeUs),
    leftAtUs: OrNull(TimeUs),
    leftBy: OrNull(oneOf(LEFT_BY)),
  },
  Closed,
)

export const Agent = Type.Object(
  {
    id: OrNull(Ref),
    userId: OrNull(Ref),
    alias: OrNull(Text(256)),
    sip: OrNull(Text(256)),
    startedAtUs: OrNull(TimeUs),
    answeredAtUs: OrNull(TimeUs),
    endedAtUs: OrNull(TimeUs),
    transfer: OrNull(oneOf(TRANSFERS)),
    hangupReason: OrNull(Text(64)),
  },
  Closed,
)

export const ExternalNumber = Type.Object({ number: Text(128), transfer: OrNull(oneOf(TRANSFERS)) }, Closed)

export const Center = Type.Object(
  {
    number: OrNull(Type.Object({ id: OrNull(Ref), number: Text(128), alias: OrNull(Text(256)) }, Closed)),
    contact: OrNull(
      Type.Object(
        {
          id: OrNull(Ref),
          fullName: OrNull(Text(256)),
          number: OrNull(Text(128)),
          countryCode: OrNull(Text(8)),
          nationalNumber: OrNull(Text(64)),
          listIds: Type.Array(Ref, { maxItems: 200 }),
        },
        Closed,
      ),
    ),
    ivr: OrNull(Ivr),
    campaign: OrNull(Named),
    ringGroup: OrNull(Named),
    queues: Type.Array(Queue, { maxItems: 100 }),
    agents: Type.Array(Agent, { maxItems: 200 }),
    externalNumbers: Type.Array(ExternalNumber, { maxItems: 100 }),
    disposition: OrNull(Type.Object({ id: OrNull(Ref), code: OrNull(Text(128)), note: OrNull(Text(4000)) }, Closed)),
    surveyIds: Type.Array(Ref, { maxItems: 200 }),
    requestedCallback: Type.Boolean(),
    automatedCallback: Type.Boolean(),
    originalCallUuid: OrNull(Text(36)),
    callTypes: Type.Array(oneOf(CALL_TYPES), { maxItems: CALL_TYPES.length }),
  },
  Closed,
)

export const Stream = Type.Object(
  {
    direction: oneOf(['in', 'out'] as const),
    codec: OrNull(Text(32)),
    packets: OrNull(Ref),
    lost: OrNull(Ref),
    jitterMs: OrNull(Type.Number({ minimum: 0, maximum: 100_000 })),
    rttMs: OrNull(Type.Number({ minimum: 0, maximum: 100_000 })),
    mos: OrNull(Type.Number({ minimum: 0, maximum: 5 })),
  },
  Closed,
)

export const Recording = Type.Object({ id: OrNull(Ref), url: OrNull(Text(2048)) }, Closed)

/**
 * One call, or one leg of it: what lists show and bills count. Times are UTC epoch microseconds; durations whole
 * seconds; prices integers of 10^-9 and amounts of 10^-6 of `cost.currency`. `null` means that the source did not or
 * could not know. `stated` names the fields that a source stated although we could have derived them.
 */
export const CallRecord = Type.Object(
  {
    id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    callUuid: Text(36),
    accountId: Text(20),
    source: Text(64),
    sourceId: OrNull(Text(256)),
    sessionId: OrNull(Text(256)),
    sipCallId: OrNull(Text(512)),
    leg: oneOf(LEGS),
    parentUuid: OrNull(Text(36)),
    direction: oneOf(DIRECTIONS),
    state: oneOf(STATES),
    from: Party,
    to: Party,
    destination: OrNull(Text(256)),
    did: OrNull(Text(128)),
    outboundCallerId: OrNull(Text(128)),
    serviceNumber: OrNull(Text(128)),
    startedAtUs: TimeUs,
    rangAtUs: OrNull(TimeUs),
    answeredAtUs: OrNull(TimeUs),
    endedAtUs: OrNull(TimeUs),
    endInferred: Type.Boolean(),
    /** Difference of the whole epoch seconds of end and answer; 0 when never answered; null while the call lives. */
    durationS: OrNull(Type.Integer({ minimum: 0, maximum: 315_360_000 })),
    hangup: Type.Object(
      {
        by: OrNull(oneOf(HANGUP_BY)),
        side: OrNull(oneOf(HANGUP_SIDES)),
        code: OrNull(Type.Integer({ minimum: 0, maximum: 99_999 })),
        name: OrNull(Text(128)),
        sipStatus: OrNull(Type.Integer({ minimum: 0, maximum: 699 })),
        q850: OrNull(Type.Integer({ minimum: 0, maximum: 127 })),
        endReason: OrNull(Text(64)),
        rerouteReason: OrNull(Text(64)),
      },
      Closed,
    ),
    trunk: Type.Object(
      {
        id: OrNull(Text(128)),
        name: OrNull(Text(256)),
        domain: OrNull(Text(255)),
        region: OrNull(Text(64)),
        transport: OrNull(Text(16)),
        srtp: OrNull(Type.Boolean()),
        secure: OrNull(Type.Boolean()),
      },
      Closed,
    ),
    stir: Type.Object(
      {
        verification: OrNull(oneOf(VERIFICATIONS)),
        attestation: OrNull(oneOf(ATTESTATIONS)),
        origId: OrNull(Text(64)),
        evidence: OrNull(Text(8192)),
      },
      Closed,
    ),
    cost: Type.Object(
      {
        currency: OrNull(Text(3)),
        rateNanos: OrNull(RateNanos),
        secureRateNanos: OrNull(RateNanos),
        cnamRateNanos: OrNull(RateNanos),
        billS: OrNull(Type.Integer({ minimum: 0, maximum: 315_360_000 })),
        billedS: OrNull(Type.Integer({ minimum: 0, maximum: 315_360_000 })),
        amountMicros: OrNull(AmountMicros),
        carrierAmountMicros: OrNull(AmountMicros),
        account: OrNull(Text(128)),
        trace: OrNull(Text(2000)),
      },
      Closed,
    ),
    quality: Type.Object(
      {
        rttMs: OrNull(Type.Number({ minimum: 0, maximum: 100_000 })),
        jitterMs: OrNull(Type.Number({ minimum: 0, maximum: 100_000 })),
        packetLossPct: OrNull(Type.Number({ minimum: 0, maximum: 100 })),
        postDialDelayMs: OrNull(Type.Number({ minimum: 0, maximum: 86_400_000 })),
        mos: OrNull(Type.Number({ minimum: 0, maximum: 5 })),
        streams: Type.Array(Stream, { maxItems: 16 }),
        method: OrNull(Text(64)),
      },
      Closed,
    ),
    center: OrNull(Center),
    /** Derived with the settings in force at the end, of plain calls too; the same as `center.callTypes`. */
    callTypes: Type.Array(oneOf(CALL_TYPES), { maxItems: CALL_TYPES.length }),
    recordings: Type.Array(Recording, { maxItems: 100 }),
    tags: Type.Array(Text(128), { maxItems: 100 }),
    userData: OrNull(Text(8192)),
    stated: Type.Array(Text(64), { maxItems: 32 }),
    receivedAtUs: TimeUs,
    updatedAtUs: TimeUs,
    /** The account's durable change sequence at the last change of this call. */
    changeSeq: Ref,
  },
  Closed,
)

export type CallRecord = Static<typeof CallRecord>
export type CallType = (typeof CALL_TYPES)[number]
export type Leg = (typeof LEGS)[number]
export type Direction = (typeof DIRECTIONS)[number]
export type State = (typeof STATES)[number]
export type HangupBy = (typeof HANGUP_BY)[number]
export type HangupSide = (typeof HANGUP_SIDES)[number]
