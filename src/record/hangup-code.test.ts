import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DIRECTIONS, HANGUP_BY, HANGUP_SIDES } from './call-record.ts'
import { type HangupFacts, hangupBy, hangupCode } from './hangup-code.ts'
import { HANGUP_CODES } from './hangup-codes.ts'

/** A call that was not answered, of which nothing else is known. */
function facts(known: Partial<HangupFacts>): HangupFacts {
  return { direction: 'outbound', answered: false, side: null, by: null, sipStatus: null, q850: null, ...known }
}

/** `outbound answered callee 486/17` -> facts; a dash is "not known". */
function row(text: string): HangupFacts {
  const [direction, answered, who, codes = '-/-', media] = text.trim().split(/\s+/)
  const [sip, cause] = codes.split('/')
  const isSide = who === 'caller' || who === 'callee'
  return facts({
    direction: direction as HangupFacts['direction'],
    answered: answered === 'answered',
    side: isSide ? (who as HangupFacts['side']) : null,
    by: isSide || who === '-' ? null : (who as HangupFacts['by']),
    sipStatus: sip === '-' ? null : Number(sip),
    q850: cause === '-' ? null : Number(cause),
    ...(media === 'mute' ? { mediaTimeout: true } : {}),
  })
}

describe('hangupBy', () => {
  const cases = [
    ['outbound', 'caller', 'customer'],
    ['outbound', 'callee', 'carrier'],
    ['inbound', 'caller', 'carrier'],
    ['inbound', 'callee', 'customer'],
    ['internal', 'caller', 'customer'],
    ['internal', 'callee', 'customer'],
    ['transit', 'caller', 'carrier'],
    ['transit', 'callee', 'carrier'],
    ['outbound', 'platform', 'platform'],
    ['internal', 'platform', 'platform'],
    ['inbound', null, null],
  ] as const
  for (const [direction, side, by] of cases) {
    it(`the ${side} of an ${direction} call is the ${by}`, () => assert.equal(hangupBy({ direction, side }), by))
  }
})

describe('hangupCode', () => {
  // direction, answered, side or party that ended it, SIP status / Q.850 cause
  const cases: [text: string, code: number | null, because: string][] = [
    ['outbound answered callee 200/16', 3000, 'the carrier hung up'],
    ['inbound  answered caller 200/16', 3000, 'the caller comes over the carrier'],
    ['transit  answered caller 200/16', 3000, 'both ends are carriers'],
    ['outbound answered caller 200/16', 3010, 'the customer hung up'],
    ['inbound  answered callee 200/16', 3010, 'the customer was called'],
    ['internal answered callee 200/16', 3010, 'both ends are customers'],
    ['outbound answered carrier -/-', 3000, 'the party is enough'],
    ['outbound answered customer -/-', 3010, 'the party is enough'],
    ['outbound answered platform -/-', 3010, 'the platform ends a call at its longest duration'],
    ['outbound answered - -/16', 3000, 'a normal hangup at least'],
    ['outbound answered - 200/-', null, '200 is how it began, not how it ended'],
    ['outbound answered - -/-', null, 'nothing is known'],
    ['outbound answered callee 503/34', 3000, 'an earlier attempt failed, not this call'],
    ['outbound answered platform 200/- mute', 3020, 'no media came'],
    ['outbound answered caller 200/16 mute', 3020, 'no media came, whoever noticed'],
    ['outbound answered platform 402/-', 3030, 'credit ran out'],

    ['outbound missed caller 487/16', 4550, 'the customer gave up'],
    ['internal missed caller 487/-', 4550, 'the caller is a customer'],
    ['outbound missed - 487/-', 4550, 'only a caller cancels'],
    ['outbound missed callee 487/-', 4550, 'only a caller cancels, whoever sent the 487'],
    ['inbound  missed caller 487/16', 4420, 'the carrier gave up'],
    ['transit  missed caller 487/-', 4420, 'the caller is a carrier'],
    ['outbound missed platform 487/-', 4440, 'the platform ended it'],
    ['outbound missed caller -/16', 4550, 'cause 16 before the answer'],
    ['outbound missed caller -/-', 4550, 'the caller is enough'],
    ['inbound  missed carrier -/31', 4420, 'so is the party on that end'],
    ['outbound missed customer 200/-', 4550, 'so is the party on that end'],
    ['internal missed customer -/-', null, 'the customer is on both ends'],
    ['outbound missed carrier -/-', null, 'the called end says no reason'],

    ['outbound missed callee 486/17', 4410, 'busy'],
    ['inbound  missed - -/17', 4410, 'busy, by its cause'],
    ['outbound missed callee 600/17', 6000, 'busy everywhere'],

    ['outbound missed callee 480/18', 4340, 'the carrier cannot reach it'],
    ['inbound  missed callee 480/19', 4350, 'the customer does not answer'],
    ['inbound  missed platform 480/16', 6030, 'our own ring timeout'],
    ['inbound  missed platform -/19', 6030, 'our own ring timeout, by its cause'],
    ['outbound missed - -/18', 4340, 'the called end is the carrier'],
    ['inbound  missed - -/19', 4350, 'the called end is the customer'],
    ['internal missed - -/20', 4350, 'the called end is a customer'],
    ['transit  missed - 480/-', 4340, 'the called end is a carrier'],

    ['outbound missed callee 404/1', 4090, 'no such number'],
    ['outbound missed - -/1', 4090, 'no such number, by its cause'],
    ['outbound missed - -/3', 4090, 'no route'],
    ['outbound missed callee 410/22', 4090, 'the number changed'],
    ['outbound missed callee 484/28', 4120, 'incomplete'],
    ['outbound missed - -/28', 4120, 'incomplete, by its cause'],

    ['outbound missed callee 408/102', 4160, 'the carrier is silent'],
    ['inbound  missed callee 408/102', 4170, 'the customer is silent'],
    ['outbound missed platform 408/-', 4160, 'the platform tells of a silent carrier'],
    ['inbound  missed - -/102', 4170, 'a timer ran out'],

    ['outbound missed platform 401/-', 4020, 'unauthorized'],
    ['outbound missed carrier 407/-', 4150, 'the carrier wants credentials'],
    ['outbound missed carrier 403/21', 4040, 'the carrier refused'],
    ['inbound  missed callee 403/-', 4060, 'the customer refused'],
    ['outbound missed platform 403/-', 4180, 'bad credentials'],
    ['outbound missed platform 402/-', 4030, 'no credit'],

    ['outbound missed carrier 488/88', 4630, 'the carrier refused the media'],
    ['inbound  missed customer 488/65', 4640, 'the customer refused the media'],
    ['outbound missed platform 488/-', 4620, 'the platform has no such codec'],
    ['outbound missed carrier 415/-', 4630, 'the carrier refused the media'],
    ['inbound  missed - -/58', 4640, 'the called end refused the media'],
    ['outbound missed - -/88', 4630, 'the called end refused the media'],

    ['outbound missed callee 603/21', 6040, 'declined'],
    ['outbound missed - -/21', 6040, 'declined, by its cause'],
    ['outbound missed callee 607/-', 6040, 'unwanted'],
    ['outbound missed callee 608/-', 6040, 'rejected'],
    ['outbound missed callee 604/-', 6020, 'nowhere'],
    ['outbound missed callee 606/-', 6070, 'not acceptable'],

    ['outbound missed callee 500/41', 5250, 'an internal error'],
    ['outbound missed - -/41', 5250, 'a temporary failure'],
    ['outbound missed callee 501/-', 5030, 'the carrier cannot'],
    ['inbound  missed callee 501/-', 5040, 'the customer cannot'],
    ['inbound  missed platform 501/-', 5020, 'the platform cannot'],
    ['outbound missed callee 502/-', 5300, 'a bad gateway'],
    ['outbound missed - -/27', 5300, 'out of order'],
    ['outbound missed - -/38', 5300, 'network out of order'],
    ['outbound missed callee 503/41', 5350, 'the carrier is down'],
    ['inbound  missed callee 503/-', 5360, 'the customer is down'],
    ['outbound missed platform 503/-', 5000, 'no route is left'],
    ['outbound missed - -/34', 5350, 'no circuit'],
    ['outbound missed - -/42', 5350, 'congestion'],
    ['outbound missed callee 504/-', 5330, 'the carrier timed out'],
    ['inbound  missed callee 504/-', 5340, 'the customer timed out'],
    ['inbound  missed platform 504/-', 5200, 'a timer of the platform'],

    ['outbound missed - 481/-', 4360, 'no such call'],
    ['outbound missed - 482/-', 4370, 'a loop'],
    ['outbound missed - 483/-', 4380, 'too many hops'],
    ['outbound missed - -/25', 4380, 'too many hops, by its cause'],
    ['outbound missed - 491/-', 4500, 'another request is pending'],
    ['outbound missed - 494/-', 4520, 'security agreement required'],
    ['outbound missed - 422/-', 4270, 'session interval too small'],
    ['outbound missed - 416/-', 4230, 'unsupported URI scheme'],
    ['outbound missed - 400/-', 4000, 'bad request'],

    ['outbound missed callee 500/34', 5350, 'the proxy had received 503'],
    ['outbound missed callee 480/17', 4410, 'the gateway knew that it was busy'],
    ['outbound missed callee 503/1', 4090, 'the gateway knew that there is no such number'],
    ['outbound missed callee 486/34', 4410, 'a status that says something holds'],
    ['outbound missed callee 404/16', 4090, 'cause 16 says nothing of a call that was not answered'],
    ['outbound missed callee 302/17', 4410, 'a status without a row yields to the cause'],
    ['outbound missed callee 302/-', null, 'a status without a row has no code'],
    ['outbound missed caller 302/-', null, 'a final status is not the caller giving up'],
    ['outbound missed - 183/-', null, 'a provisional status is no end'],
    ['outbound missed - -/127', null, 'cause 127 names no reason'],
    ['outbound missed platform -/-', null, 'that the platform ended it is no reason'],
    ['outbound missed - -/-', null, 'nothing is known'],
    ['outbound missed platform 480/- mute', 6030, 'no media is expected before the answer'],
  ]
  for (const [text, code, because] of cases) {
    it(`${text.replace(/\s+/g, ' ')} is ${code}: ${because}`, () => assert.equal(hangupCode(row(text)), code))
  }

  it('takes the party as stated, also against the side', () => {
    assert.equal(hangupCode(facts({ answered: true, side: 'caller', by: 'carrier' })), 3000)
  })

  it('is a code of the table, or null, for any facts', () => {
    const known = new Set(HANGUP_CODES.map(({ code }) => code))
    const any = fc.record({
      direction: fc.constantFrom(...DIRECTIONS),
      answered: fc.boolean(),
      side: fc.constantFrom(...HANGUP_SIDES, null),
      by: fc.constantFrom(...HANGUP_BY, null),
      sipStatus: fc.option(fc.integer({ min: -1, max: 999 })),
      q850: fc.option(fc.integer({ min: -1, max: 200 })),
      mediaTimeout: fc.boolean(),
    })
    fc.assert(
      fc.property(any, (facts) => {
        const code = hangupCode(facts)
        assert(code === null || known.has(code))
      }),
      { numRuns: 1000 },
    )
  })
})
