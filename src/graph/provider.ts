/** What a graph is lowered for. */

/**
 * Which set of lowerings a graph was rewritten for. `standard`: plain ONNX operators only, for
 * exports and any provider. `webgpu`: plain ONNX operators that ONNX Runtime's WebGPU provider has,
 * so that nothing goes back and forth between device and host. `native`: the graph is interpreted
 * as it is (engine/native).
 */
export type Provider = "cpu" | "webgpu" | "standard" | "native";
