import { canonicalKey } from "../../sdk/coders/canonical-key.ts";

/** How many groups the keys of every grouping are cut into, whatever the number of threads; a checkpoint is stored by them. */
export const KEY_GROUPS = 128;

/** The bits of a hash that the group leaves over. */
const REST_BITS = 25;
export const PLACES_IN_ORDER = 1 << REST_BITS;

/**
 * The group of a key, from 0 to 127: the same in every process, on every version of Node, so that state that was stored finds its keys again.
 * A change of this function is a change of the format of checkpoints.
 *
 * @throws PipelineError `NOT_ENCODABLE` for a key that has no canonical form.
 */
export const keyGroupOf = (key: unknown): number => mixed(hashOf(key)) >>> REST_BITS;

/** The group of a key whose canonical form is already known. */
export const keyGroupOfText = (canonical: string): number => mixed(hashOfText(canonical, OBJECT)) >>> REST_BITS;

/** From 0 up to, and without, {@link PLACES_IN_ORDER}: what keys are sorted by, in each group as evenly as in all of them. The same everywhere, as the group. */
export const keyOrderOf = (key: unknown): number => mixed(hashOf(key)) & (PLACES_IN_ORDER - 1);

/** The same for a key whose canonical form is already known. */
export const keyOrderOfText = (canonical: string): number => mixed(hashOfText(canonical, OBJECT)) & (PLACES_IN_ORDER - 1);

function hashOf(key: unknown): number {
  switch (typeof key) {
    case "string":
      return hashOfText(key, 0);
    case "number":
      return hashOfNumber(key);
    case "bigint":
      return hashOfText(String(key), BIGINT);
    case "boolean":
      return key ? TRUE : FALSE;
    case "undefined":
      return UNDEFINED;
    case "object":
    case "function":
    case "symbol":
      return key === null ? NULL : hashOfText(canonicalKey(key), OBJECT);
  }
}

/** The partition of `partitions` that owns a key group: neighbouring groups stay together. */
export const partitionOf = (group: number, partitions: number): number => Math.floor((group * partitions) / KEY_GROUPS);

// Where the hash starts for each type, so that 1, 1n and "1" go different ways. Any numbers do, as long as they stay.
const BIGINT = 0x51ed270b;
const OBJECT = 0x2c1b3c6d;
const TRUE = 0x297a2d39;
const FALSE = 0x4cf5ad43;
const UNDEFINED = 0x1b873593;
const NULL = 0x38b34ae5;
const NOT_A_NUMBER = 0x7ff80000;

/** FNV-1a over UTF-16 units. It mixes the high bits of the last units badly, which {@link mixed} makes up for. */
function hashOfText(text: string, seed: number): number {
  let hash = seed ^ 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

const double = new DataView(new ArrayBuffer(8));

function hashOfNumber(value: number): number {
  const integer = value | 0;
  if (integer === value) return integer; // -0 too
  if (Number.isNaN(value)) return NOT_A_NUMBER; // it has many bit patterns
  double.setFloat64(0, value);
  return Math.imul(double.getInt32(0), 0x85ebca6b) ^ double.getInt32(4);
}

/** The last steps of MurmurHash3, whose every bit depends on all bits of the hash. The group is the highest 7 bits. */
function mixed(hash: number): number {
  let bits = hash ^ (hash >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
