/** The operator domains that a serialized model uses. */
import { BLOCKED_DOMAIN } from "./emitter.ts";
import { type Field, readFields } from "./protobuf.ts";

/** ModelProto: opset_import 8. */
const OPSETS = 8;

/** Versions by domain, "" for ONNX's own, of a model's top fields. */
export const domainsOf = (model: readonly Field[]): Map<string, number> =>
  new Map(model.filter(({ field }) => field === OPSETS).map(domainOf));

/** OperatorSetIdProto: domain 1, version 2. */
function domainOf({ content }: Field): [string, number] {
  const [domain, version] = [1, 2].map((number) => readFields(content).find(({ field }) => field === number));
  return [new TextDecoder().decode(domain?.content), Number(version?.value ?? 1)];
}

/** Whether a model has operators of ONNX Runtime's blocked layout. */
export const isBlocked = (model: Uint8Array): boolean => domainsOf(readFields(model)).has(BLOCKED_DOMAIN);
