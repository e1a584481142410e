import { BlockList, isIP, isIPv4 } from 'node:net'
import type { Source, SourceRule } from './directory.ts'

/** What a record says about whose call it is, as the switch wrote it; absent and null both say nothing. */
export interface AccountHintsLike {
  accountcode?: string | null
  domain?: string | null
  tenant?: string | null
  trunk?: string | null
  did?: string | null
  peer?: string | null
}

/**
 * The account that the first matching rule of a source names; null when none matches, for the quarantine. Domains are
 * compared in any case, DIDs by their digits alone, peers as addresses in any notation, with or without a port, the
 * rest letter by letter.
 */
export function accountOf(source: Pick<Source, 'rules'>, hints: AccountHintsLike): string | null {
  return source.rules.find((rule) => matchesRule(rule, hints))?.accountId ?? null
}

function matchesRule(rule: SourceRule, hints: AccountHintsLike): boolean {
  if (rule.match === 'fixed') return true
  const hint = hints[rule.match] ?? null
  if (hint === null || hint === '' || rule.value === null) return false
  switch (rule.match) {
    case 'domain':
      return hint.toLowerCase() === rule.value.toLowerCase()
    case 'did':
      return digitsOf(hint) !== '' && digitsOf(hint) === digitsOf(rule.value)
    case 'peer':
      return isInNetwork(hint, rule)
    case 'accountcode':
    case 'tenant':
    case 'trunk':
      return hint === rule.value
  }
}

/** `+1 (312) 857-4907` -> `13128574907`. */
export function digitsOf(number: string): string {
  return number.replace(/\D/g, '')
}

/** Networks by rule: building one takes longer than asking it, and a source is asked for every record. */
const networks = new WeakMap<SourceRule, BlockList | null>()

function isInNetwork(peer: string, rule: SourceRule): boolean {
  let network = networks.get(rule)
  if (network === undefined) {
    network = peerNetwork(rule.value ?? '')
    networks.set(rule, network)
  }
  const address = addressOf(peer)
  return network !== null && address !== null && network.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

/** `10.0.0.0/8`, `2001:db8::/32` or a single address as a set of addresses; null for anything else. */
export function peerNetwork(value: string): BlockList | null {
  const [address = '', bits, ...rest] = value.split('/')
  const family = isIP(address)
  const width = family === 4 ? 32 : 128
  if (family === 0 || rest.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return null
  if (Number(bits ?? width) > width) return null
  const network = new BlockList()
  network.addSubnet(address, Number(bits ?? width), family === 4 ? 'ipv4' : 'ipv6')
  return network
}

/** `192.0.2.1:5060`, `[2001:db8::1]:5060` and the bare forms -> the address; null for a host name. */
export function addressOf(peer: string): string | null {
  const bare = /^\[(.+)\](?::\d+)?$/.exec(peer)?.[1] ?? /^([\d.]+):\d+$/.exec(peer)?.[1] ?? peer
  return isIP(bare) === 0 ? null : bare
}
