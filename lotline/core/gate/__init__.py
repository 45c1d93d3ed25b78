"""May this text go to this person now? Facts in, a decision with every rule's word out."""
