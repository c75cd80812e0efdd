"""Small tools on the standard library alone: what every other floor may stand on."""
