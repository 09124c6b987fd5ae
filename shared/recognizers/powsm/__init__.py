"""POWSM, the production engine, run by ESPnet's modules."""
