"""What is measured or known of nature: constants, flavors, the electroweak standard model, mesons, beams."""
