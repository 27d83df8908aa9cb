package io.berth.config;

import io.berth.policy.Rate;
import io.berth.policy.RateClass;
import io.berth.policy.Who;
import java.util.List;
import java.util.Map;

/**
 * How often one may ask. What is not named here is not bounded.
 *
 * @param addresses one address
 * @param identities one of those who are known
 * @param exempt whom the latter are not about
 * @param exemptAddresses whom the former are not about
 */
public record RatesConfig(Map<RateClass, Rate> addresses, Map<RateClass, Rate> identities, List<Who> exempt, List<Cidr> exemptAddresses) {

  public RatesConfig {
    addresses = Map.copyOf(addresses);
    identities = Map.copyOf(identities);
    exempt = List.copyOf(exempt);
    exemptAddresses = List.copyOf(exemptAddresses);
  }
}
