/** The switch of ONNX Runtime's telemetry, for whatever starts a program that may load it. */

/**
 * The variable that ONNX Runtime looks at, and the value that turns its telemetry off
 * (microsoft/onnxruntime#27379).
 */
export const NO_TELEMETRY = { name: "ORT_DISABLE_TELEMETRY", value: "1" } as const;
