import { parseMetrics } from "@ingot/testkit";
import { expect, it } from "vitest";
import { countWrites, sumOf, writesSince } from "./writes.ts";

const page = (statuses: number) => `
apiserver_request_total{verb="PATCH",resource="services",subresource="status",code="200"} ${statuses}
apiserver_request_total{verb="PATCH",resource="services",subresource="status",code="409"} 2
apiserver_request_total{verb="PUT",resource="services",subresource="status",code="200"} 3
apiserver_request_total{verb="POST",resource="services",subresource="",code="201"} 1000
apiserver_request_total{verb="GET",resource="services",subresource="",code="200"} 70
apiserver_request_total{verb="POST",resource="events",subresource="",code="201"} 4
apiserver_request_total{verb="PATCH",resource="ipaddresspools",subresource="status",code="200"} 5
apiserver_request_total{verb="APPLY",resource="ipaddresspools",subresource="",code="201"} 1
apiserver_request_total{verb="POST",resource="ipaddresses",subresource="",code="201"} 1000
apiserver_request_total{verb="PATCH",resource="leases",subresource="",code="200"} 90
apiserver_request_duration_seconds_count{verb="PATCH",resource="services",subresource="status"} 9
`;

it("counts what was written, by kind, refused writes too", () => {
  const writes = countWrites(parseMetrics(page(10)));
  expect(writes).toEqual({ status: 15, event: 4, pool: 5, other: 1 });
  expect(sumOf(writes)).toBe(25);
  const later = countWrites(parseMetrics(page(17)));
  expect(writesSince(writes, later)).toEqual({ status: 7, event: 0, pool: 0, other: 0 });
});
