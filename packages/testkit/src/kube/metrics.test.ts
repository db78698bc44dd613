import { describe, expect, it } from "vitest";
import { parseMetrics, sumMetric } from "./metrics.ts";

const page = `# HELP apiserver_request_total Counter of requests
# TYPE apiserver_request_total counter
apiserver_request_total{code="200",resource="services",verb="LIST"} 3
apiserver_request_total{code="200",resource="services",verb="WATCH"} 4
apiserver_request_total{code="200",resource="nodes",verb="LIST"} 1e+02 1700000000000
odd_labels{a="}",b="say \\"hi\\"\\n",c=""} 0.5
up 1
lowest -Inf

broken{a="
`;

describe("metrics", () => {
  it("reads names, labels and values", () => {
    const samples = parseMetrics(page);
    expect(samples).toHaveLength(6);
    expect(samples.slice(3)).toEqual([
      { name: "odd_labels", labels: { a: "}", b: 'say "hi"\n', c: "" }, value: 0.5 },
      { name: "up", labels: {}, value: 1 },
      { name: "lowest", labels: {}, value: Number.NEGATIVE_INFINITY },
    ]);
  });

  it("sums the series that have the labels", () => {
    const samples = parseMetrics(page);
    expect(sumMetric(samples, "apiserver_request_total")).toBe(107);
    expect(sumMetric(samples, "apiserver_request_total", { resource: "services" })).toBe(7);
    expect(sumMetric(samples, "apiserver_request_total", { verb: "LIST", code: "200" })).toBe(103);
    expect(sumMetric(samples, "apiserver_request_total", { verb: "PATCH" })).toBe(0);
  });
});
